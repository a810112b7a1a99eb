import { componentGuest, echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { linesProgram } from '../fixtures/lines-program.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const TOOLS = [
  {
    name: 'read',
    title: 'Read a file',
    description: 'Reads it.\n\nAt length \u001B[31mred.',
    annotations: { readOnlyHint: true },
    inputSchema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'Where it is' },
        head: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
        how: { $ref: '#/$defs/how' },
        filters: {
          type: 'array',
          items: { type: 'object', properties: { glob: { type: 'string' } }, required: ['glob'] },
        },
      },
      required: ['path'],
      $defs: { how: { enum: ['text', 'bytes'] } },
    },
    outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  },
  {
    name: 'drop',
    description: 'Removes a file. For ever.',
    annotations: { destructiveHint: true },
    inputSchema: { type: 'object' },
  },
];

const server = linesProgram(`
  initialize: () => ({ result: { ...hello, capabilities: { tools: {}, resources: {}, prompts: {} } } }),
  'tools/list': () => ({ result: { tools: ${JSON.stringify(TOOLS)} } }),
  'resources/list': () => ({ result: { resources: [{ uri: 'file:///a', name: 'A', mimeType: 'text/plain' }] } }),
  'resources/templates/list': () => ({ result: { resourceTemplates: [{ uriTemplate: 'file:///{path}', name: 'any' }] } }),
  'prompts/list': () => ({ result: { prompts: [{ name: 'sum', description: 'Sums up', arguments: [{ name: 'of', required: true }, { name: 'in' }] }] } }),
`);

const files = { command: process.execPath, args: ['-e', server] };
const broken = { command: process.execPath, args: ['-e', 'process.exit(3)'] };
const world = async (mcpServers: object = { files }) => ({
  workingFolder: await folderWith({ 'lockgate.json': JSON.stringify({ mcpServers }) }),
});

describe('tools', () => {
  test('are listed as call takes them, with what they say of their effects', async () => {
    expect(await runLockgate(['tools'], await world())).toEqual({
      code: 0,
      stderr: '',
      stdout:
        'files__read  files  read-only    Read a file: Reads it.\n' +
        'files__drop  files  destructive  Removes a file.\n',
    });
  });

  test('are cut to the width of a terminal', async () => {
    const { stdout } = await runLockgate(['tools', 'files'], {
      ...(await world()),
      width: 47,
      environment: { NO_COLOR: '1' },
    });
    expect(stdout).toBe(
      'files__read  read-only    Read a file: Reads i…\n' + 'files__drop  destructive  Removes a file.\n',
    );
  });

  test('stand in two lines where a terminal is too narrow for a table, and no name is cut', async () => {
    const { stdout } = await runLockgate(['tools', 'files'], {
      ...(await world({ 'files-of-everybody': files, files })),
      width: 40,
      environment: { NO_COLOR: '1' },
    });
    expect(stdout).toBe(
      'files__read\n  read-only  Read a file: Reads it.\nfiles__drop\n  destructive  Removes a file.\n',
    );
    const long = await runLockgate(['tools'], {
      ...(await world({ 'files-of-everybody': files })),
      width: 40,
      environment: { NO_COLOR: '1' },
    });
    expect(long.stdout).toContain('files-of-everybody__read\n  read-only  Read a file: Reads it.\n');
    expect(long.stdout.split('\n').every((line) => line.length <= 40)).toBe(true);
  });

  test('of a server that is down are missed with its reason', async () => {
    const { code, stdout, stderr } = await runLockgate(['tools'], await world({ files, broken }));
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 1, lines: 3 });
    expect(stderr).toContain('error: not listed: broken: it exited with code 3\n');
    expect(stderr).toContain('error: "lockgate doctor" says more\n');
  });

  test('of a server that is not there are asked of nobody', async () => {
    expect(await runLockgate(['tools', 'fils'], await world())).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no plugin or server "fils"; did you mean "files"? (known: files)\n',
    });
  });

  test('are shown one at a time with their arguments', async () => {
    const { stdout } = await runLockgate(['tools', 'files', 'read'], await world());
    expect(stdout).toBe(`files__read  (of files, there "read", read-only)

Read a file
Reads it.

At length  [31mred.

arguments
  path            string                      required  Where it is
  head            integer from 1 to 100 = 10
  how             "text" | "bytes"
  filters         array of object
  filters[].glob  string                      required

answer
  text  string

lockgate call files__read '{"path":"..."}'
`);
    const unknown = await runLockgate(['tools', 'files', 'raed'], await world());
    expect(unknown).toMatchObject({
      code: 1,
      stderr: 'error: "files" has no tool "raed"; did you mean "read"? (known: read, drop)\n',
    });
  });

  test('are printed whole for programs', async () => {
    const { stdout } = await runLockgate(['tools', '--json'], await world());
    expect(JSON.parse(stdout)).toEqual(
      TOOLS.map((tool) => ({ ...tool, name: `files__${tool.name}`, server: 'files' })),
    );
  });

  test('are asked of a gateway that runs', async () => {
    await using gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: { files } });
    const { url } = await gateway.listen();
    await gateway.started();
    expect((await runLockgate(['tools', '--url', url])).stdout).toContain('files__read  read-only    Read a file');
    expect((await runLockgate(['tools', 'files', '--url', url])).stdout).toContain('read  files  read-only');
    const searched = ['--url', `${url}?discovery=search`];
    expect((await runLockgate(['tools', ...searched])).stdout).toMatch(/^search {6}.*\nexecute .*\nrun_script .*\n$/);
    expect((await runLockgate(['tools', 'files', '--url', `${url}?discovery=list`])).code).toBe(0);
    expect(await runLockgate(['tools', 'files', '--url', 'here'])).toMatchObject({
      code: 2,
      stderr: 'error: --url takes an address such as http://127.0.0.1:3000/mcp, got "here"\n',
    });
    const auth = { apiKeys: [{ name: 'me', key: 'k'.repeat(40) }] };
    await using locked = await createGateway({ gateway: { listen: '127.0.0.1:0', auth } });
    const { url: lockedUrl } = await locked.listen();
    for (const more of [[], ['--header', 'X-API-Key: wrong']])
      expect(await runLockgate(['tools', '--url', lockedUrl, ...more])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('--header "Authorization: Bearer ..."'),
      });
    expect(await runLockgate(['tools', '--url', 'http://127.0.0.1:1/mcp'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing listens at 127.0.0.1:1'),
    });
  });
});

test('resources are listed with their templates, prompts with their arguments', async () => {
  const { stdout } = await runLockgate(['resources'], await world());
  expect(stdout).toBe('file:///a       files  text/plain  A\nfile:///{path}  files  template    any\n');
  expect((await runLockgate(['prompts'], await world())).stdout).toBe('files__sum  files  of, in?  Sums up\n');
});

describe('what offers nothing of a kind', () => {
  const bare = linesProgram(`
    initialize: () => ({ result: { ...hello, capabilities: { prompts: {} } } }),
    'prompts/list': () => ({ result: { prompts: [{ name: 'sum' }] } }),
  `);
  const entries = {
    plugins: { greeter: { path: 'component.wasm' }, echo: { path: 'echo.wasm' } },
    mcpServers: { bare: { command: process.execPath, args: ['-e', bare] } },
  };
  const worldOf = async (configuration: object) => ({
    workingFolder: await folderWith({
      'lockgate.json': JSON.stringify(configuration),
      'component.wasm': componentGuest(),
      'echo.wasm': echoGuest(),
    }),
  });

  test('is listed as empty beside what offers some', async () => {
    const both = await worldOf(entries);
    expect(await runLockgate(['prompts'], both)).toMatchObject({ code: 0, stdout: expect.stringContaining('sum') });
    expect(await runLockgate(['resources'], both)).toMatchObject({ code: 0, stdout: 'no resources\n' });
    const tools = await runLockgate(['tools'], both);
    expect(tools).toMatchObject({ code: 0, stdout: expect.stringMatching(/greeter__add.*echo__/s) });
    expect(await runLockgate(['prompts', 'greeter'], both)).toMatchObject({ code: 0, stdout: 'no prompts\n' });
    expect(await runLockgate(['tools', 'bare'], both)).toMatchObject({ code: 0, stdout: 'no tools\n' });
  });

  test('has no tool to be called', async () => {
    const { code, stderr } = await runLockgate(
      ['call', 'bare__sum'],
      await worldOf({ mcpServers: entries.mcpServers }),
    );
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no tool "bare__sum"'),
    });
  });
});
