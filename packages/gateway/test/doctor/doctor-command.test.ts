// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables

import { describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../src/doctor/doctor-report.ts';
import { createGateway } from '../../src/gateway.ts';
import { folderWith, type LockgateWorld, runLockgate } from '../cli/run-lockgate.ts';
import { moduleFiles } from '../e2e/guarded-files.ts';
import { hyperMcpServer } from '../e2e/hyper-mcp-guest.ts';
import { linesProgram } from '../fixtures/lines-program.ts';

const gateway = { listen: '127.0.0.1:0' };
const program = (script: string, more: object = {}) => ({ command: process.execPath, args: ['-e', script], ...more });
const good = program(linesProgram(''));

async function doctor(config: object, args: readonly string[] = [], world: LockgateWorld = {}) {
  const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify({ gateway, ...config }) });
  const environment = { XDG_STATE_HOME: workingFolder, ...world.environment };
  const run = await runLockgate(['doctor', ...args], { ...world, workingFolder, environment });
  return { ...run, stdout: run.stdout.replaceAll(workingFolder, '<here>').replace(/\d+ ms/g, '0 ms') };
}

async function report(...given: Parameters<typeof doctor>): Promise<DoctorReport> {
  const [config, args = [], world] = given;
  return JSON.parse((await doctor(config, [...args, '--json'], world)).stdout);
}

describe('the doctor', () => {
  test('concludes nothing from the absence of what it left out itself', async () => {
    const config = {
      gateway: {
        ...gateway,
        auth: { apiKeys: [{ name: 'me', hash: `sha256:${'a'.repeat(64)}`, servers: ['lacking'] }] },
      },
      mcpServers: { lacking: { ...good, env: { T: '${NOT_SET}' } } },
      limits: { few: { tools: ['lacking/*'], calls: 5, per: 'minute' } },
    };
    const { findings } = await report(config);
    const told = findings.filter(({ check, status }) => check === 'configuration' && status !== 'ok');
    expect(told.map(({ message }) => message)).toEqual(['the variable "NOT_SET" is not defined']);
  });

  test('tells people of the machine, the configuration, each entry, and what to do', async () => {
    const bad = program('console.error("\\u001b[2Jbye, hush-token"); process.exit(3)', {
      env: { TOKEN: 'hush-token' },
    });
    const run = await doctor({ mcpServers: { good, bad, off: { ...good, disabled: true } } });
    expect({ ...run, stdout: run.stdout.replace(/Node \S+ on .*/, 'Node').replace(/by hand.*/, 'by hand') }).toEqual({
      code: 1,
      stderr: 'error: one failure\n',
      stdout: `<here>/lockgate.json
  ok        Node
  ok        127.0.0.1:0 is free
  ok        <here>/lockgate can be written to
  ok        the configuration can be used

good  server  ok  0 ms  lines 1  MCP 2025-11-25 (legacy)
  declares  tools, logging
  ok        it answers, in the legacy era (2025-11-25)
  ok        1 tool

bad  server  failure  0 ms
  failure   it exited with code 3; its last words:  [2Jbye, ********
            to do: start it by hand
  stderr     [2Jbye, ********

off  server  off  switched off ("disabled")

1 failure
`,
    });
  });

  test('shows no key that a server writes, though the configuration does not have it', async () => {
    const says = `console.error('refused: token ghp_16C7e42F292c6912E7710c838347Ae178B4a');
      console.error(JSON.stringify({ apiKey: 'zx81spectrum48k' })); process.exit(3)`;
    const run = await doctor({ mcpServers: { bad: program(says) } });
    expect(run.stdout).toContain('refused: token ********');
    expect(run.stdout).not.toMatch(/ghp_|spectrum/);
    const { entries, findings } = await report({ mcpServers: { bad: program(says) } });
    expect(entries[0]).toMatchObject({ exit: { exitCode: 3, signal: null } });
    expect(JSON.stringify([entries, findings[0]])).not.toMatch(/ghp_|spectrum/);
  });

  test('says of a program how it ended, and of a line that is no message once that it is none', async () => {
    const killed = program('process.kill(process.pid, "SIGKILL")');
    // It is started twice: first it says nothing to a question of the newer era.
    const script = `console.log('starting up'); ${linesProgram('')}`;
    const { entries, findings } = await report(
      {
        mcpServers: {
          killed,
          good,
          noisy: program(script),
          mute: program("console.log('up'); process.stdin.resume()"),
        },
      },
      ['--timeout', '2'],
    );
    expect(entries.map(({ name, exit }) => [name, exit?.signal])).toEqual([
      ['killed', 'SIGKILL'],
      ['good', undefined],
      ['noisy', undefined],
      ['mute', undefined],
    ]);
    const told = (of: string) =>
      findings.filter(({ subject, message }) => subject === of && /no message/.test(message));
    expect([told('noisy').length, told('mute').length]).toEqual([1, 1]);
  });

  test('shows how to start a server by hand without its secrets', async () => {
    const args = ['-c', 'exit 3', '--token', "hush'd token"];
    const { findings } = await report({ mcpServers: { bad: { command: '/bin/sh', args } } });
    expect(findings.at(-1)?.remedy).toBe("start it by hand to see more: /bin/sh -c 'exit 3' --token '********'");
  });

  test.each([
    ['list', ['130 tools at one address are more than the 128 that several clients take']],
    ['auto', []],
  ])('counts the tools of all servers where clients find them by %s', async (discovery, told) => {
    const list = `'tools/list': () => ({ result: { tools: Array.from({ length: 65 }, (_, at) => ({ name: 't' + at, inputSchema: { type: 'object' } })) } }),`;
    const many = program(linesProgram(list));
    const { findings } = await report({ gateway: { ...gateway, discovery }, mcpServers: { one: many, two: many } });
    expect(findings.filter(({ status }) => status === 'warning').map(({ message }) => message)).toEqual(told);
  });

  test('looks at what is named only, and at nothing that is not there', async () => {
    const { entries, status } = await report({ mcpServers: { good, bad: program('process.exit(3)') } }, ['good']);
    expect({ names: entries.map(({ name }) => name), status }).toEqual({ names: ['good'], status: 'ok' });
    expect(await doctor({ mcpServers: { good } }, ['god'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no server, plugin or guard "god"; did you mean "good"? (known: good)\n',
    });
  });

  test('goes on with the others where an entry cannot be used', async () => {
    const { findings, entries } = await report({
      guards: { g: { path: 'g.wasm', limit: 5 } },
      mcpServers: { good, lacks: { url: '${NOWHERE}' }, guarded: { ...good, guard: 'g' } },
    });
    expect(findings.filter(({ status }) => status === 'failure').map(({ place }) => place?.key)).toEqual([
      'mcpServers.lacks.url',
      'guards.g.limit',
      'mcpServers.guarded.guard',
    ]);
    expect(entries).toMatchObject([{ name: 'good', status: 'ok', counts: { tools: 1 } }]);
  });

  test('counts prompts and resources of a plug-in for hyper-mcp, and misses no tool of one that has these alone', async () => {
    const { notes } = moduleFiles({
      notes: hyperMcpServer({ list_prompts: { prompts: [{ name: 'p' }] }, get_prompt: {}, read_resource: {} }, []),
    });
    const { entries, findings } = await report({ plugins: { notes: { path: notes } } });
    expect(entries).toMatchObject([{ name: 'notes', status: 'ok', counts: { tools: 0, prompts: 1 } }]);
    expect(findings.map(({ message }) => message)).toContain('it gives 1 prompt');
  });

  test('names the flag to raise where that says how long a server may take', async () => {
    const mute = program('process.stdin.resume()');
    const { findings } = await report({ mcpServers: { mute } }, ['--timeout', '0.5']);
    const said = { message: 'it did not answer within 0 ms', remedy: 'raise --timeout if it needs longer' };
    expect(findings).toContainEqual(expect.objectContaining(said));
  });

  test('knows a gateway that runs already from something else at its address', async () => {
    await using running = await createGateway({ gateway, mcpServers: { good } });
    const listen = new URL((await running.listen()).url).host;
    const { findings, status } = await report({ gateway: { listen }, mcpServers: { good } });
    expect(status).toBe('note');
    expect(findings).toContainEqual(expect.objectContaining({ message: `a gateway listens at ${listen} already` }));
  });

  test('says on a terminal whom it waits for, and leaves nothing of that', async () => {
    const { stderr } = await doctor({ mcpServers: { good } }, [], { isTerminal: true });
    expect(stderr).toContain('looked at 0 of 1; waiting for good');
    expect(stderr.endsWith('\r\u001B[2K')).toBe(true);
  });
});
