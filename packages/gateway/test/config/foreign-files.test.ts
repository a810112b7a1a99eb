// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the clients' own variables
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from '../../src/cli/read-arguments.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { folderWith, runLockgate } from '../cli/run-lockgate.ts';

const JSON_OF = (value: unknown): string => JSON.stringify(value);

const LOOKS_LIKE = (file: string): string => `this looks like ${file}; run "lockgate import <here>/mcp.json"`;

/** Configurations as they are copied from other clients, and what a new user is told of each; an empty list where it can be used. */
const FILES: readonly [client: string, text: string, told: readonly string[]][] = [
  [
    'Claude Desktop, whole',
    JSON_OF({
      globalShortcut: '',
      mcpServers: { 'Google Sheets': { command: 'npx', args: ['-y', 'sheets'], env: { KEY: 'k' } } },
    }),
    [
      LOOKS_LIKE("Claude Desktop's claude_desktop_config.json"),
      'mcpServers["Google Sheets"]: a name begins with a letter or digit, and has letters, digits, "_", "." and "-", at most 64 of them, such as "Google-Sheets"',
      'globalShortcut: there is no such key; of a client\'s file only "mcpServers" is for here (known: $schema, gateway, plugins, guards, mcpServers, roles, profiles, limits)',
    ],
  ],
  [
    'Claude Code',
    JSON_OF({
      mcpServers: {
        files: { type: 'stdio', command: 'node', args: ['server.js'], env: {} },
        web: { type: 'http', url: 'https://x.test/mcp', headers: { Authorization: 'Bearer ${TOKEN}' } },
      },
    }),
    [],
  ],
  [
    'VS Code',
    JSON_OF({
      inputs: [{ type: 'promptString', id: 'gh-token', password: true }],
      servers: {
        github: { type: 'http', url: 'https://x.test/mcp', headers: { Authorization: 'Bearer ${input:gh-token}' } },
        memory: { type: 'stdio', command: 'npx', args: ['${workspaceFolder}'], envFile: '.env' },
      },
    }),
    [
      LOOKS_LIKE("VS Code's mcp.json"),
      'servers.github.headers.Authorization: ${input:gh-token} is filled in by a client; nobody is there to be asked: write ${GH_TOKEN}, and give it in the environment or in the --env file',
      'servers.memory.args[0]: ${workspaceFolder} is filled in by a client; there is no workspace here: write the path, which may begin with ${config:folder}, the folder of this file',
      'inputs: there is no such key; nobody is there to be asked: write ${NAME} where it is used, and give NAME in the environment or in the --env file',
      'servers: there is no such key; here it is "mcpServers"',
      'servers.memory.envFile: there is no such key; name that file with --env, and write ${NAME} in "env"',
    ],
  ],
  [
    'Cursor',
    JSON_OF({
      mcpServers: {
        one: { url: 'http://localhost:3001/sse' },
        two: { command: 'npx', args: ['-y', 'two'], env: { TOKEN: '${env:TOKEN}' } },
      },
    }),
    [],
  ],
  [
    'Windsurf',
    JSON_OF({ mcpServers: { figma: { serverUrl: 'http://127.0.0.1:3845/mcp' } } }),
    [LOOKS_LIKE("Windsurf's mcp_config.json"), 'mcpServers.figma.serverUrl: there is no such key; here it is "url"'],
  ],
  [
    'Gemini CLI',
    JSON_OF({
      theme: 'dark',
      mcpServers: { g: { httpUrl: 'http://x.test/mcp', timeout: 5000, trust: true, includeTools: ['a'] } },
    }),
    [
      LOOKS_LIKE("Gemini CLI's settings.json"),
      'mcpServers.g.httpUrl: there is no such key; here it is "url"',
      'mcpServers.g.includeTools: there is no such key; here it is "tools"',
      'theme: there is no such key; of a client\'s file only "mcpServers" is for here (known: $schema, gateway, plugins, guards, mcpServers, roles, profiles, limits)',
    ],
  ],
  [
    'Cline',
    JSON_OF({
      mcpServers: {
        c: { command: 'node', args: ['c.js'], disabled: false, autoApprove: [], timeout: 60, type: 'stdio' },
      },
    }),
    [],
  ],
  [
    'Zed',
    JSON_OF({ context_servers: { z: { source: 'custom', command: { path: 'node', args: ['z.js'] } } } }),
    [
      LOOKS_LIKE("Zed's settings.json"),
      'context_servers: there is no such key; here it is "mcpServers"',
      'context_servers.z.command: expected a text, got an object; its "path" is "command", and "args" and "env" stand beside that',
      'context_servers.z.source: there is no such key; leave it out',
    ],
  ],
  [
    'opencode',
    JSON_OF({ mcp: { o: { type: 'local', command: ['npx', '-y', 'o'], enabled: true, environment: { A: 'b' } } } }),
    [
      'mcp: there is no such key; here it is "mcpServers"',
      'mcp.o.type: expected "stdio", "wasm", "http", "streamable-http", "streamableHttp" or "sse", got "local"',
      'mcp.o.command: expected a text, got a list; the first is "command", and the others are "args"',
      'mcp.o.enabled: there is no such key; here it is "disabled", which means the reverse',
      'mcp.o.environment: there is no such key; here it is "env"',
    ],
  ],
  [
    'Codex',
    '# mine\nmodel = "gpt-5"\n\n[mcp_servers.context7]\ncommand = "npx"\nargs = ["-y", "context7"]\n',
    [
      LOOKS_LIKE("Codex's config.toml"),
      'this is TOML; Lockgate reads JSON or YAML: [mcp_servers.context7] becomes "mcpServers": {"context7": {...}}',
    ],
  ],
  [
    'Codex, as JSON',
    JSON_OF({
      mcpServers: {
        f: { url: 'https://f.test/mcp', bearer_token_env_var: 'F', startup_timeout_sec: 20, disabled_tools: ['x'] },
      },
    }),
    [
      'mcpServers.f.bearer_token_env_var: there is no such key; write "headers": {"Authorization": "Bearer ${THAT_VARIABLE}"}',
      'mcpServers.f.startup_timeout_sec: there is no such key; here it is "connectTimeoutMs", in milliseconds',
      'mcpServers.f.disabled_tools: there is no such key; write the tools that are served, "tools": ["<name>", ...]; every other is hidden',
    ],
  ],
  [
    'Goose',
    JSON_OF({ GOOSE_PROVIDER: 'x', extensions: { m: { name: 'm', type: 'stdio', cmd: 'npx', envs: { A: 'b' } } } }),
    [
      LOOKS_LIKE("Goose's config.yaml"),
      'GOOSE_PROVIDER: there is no such key; of a client\'s file only "mcpServers" is for here (known: $schema, gateway, plugins, guards, mcpServers, roles, profiles, limits)',
      'extensions: there is no such key; here it is "mcpServers"',
      'extensions.m.name: there is no such key; leave it out',
      'extensions.m.cmd: there is no such key; here it is "command"',
      'extensions.m.envs: there is no such key; here it is "env"',
    ],
  ],
  [
    'Roo Code',
    JSON_OF({
      mcpServers: {
        none: { command: 'node', disabledTools: [] },
        some: { command: 'node', disabledTools: ['delete_all'] },
      },
    }),
    [
      'mcpServers.some.disabledTools: this would hide nothing here; write the tools that are served, "tools": ["<name>", ...]; every other is hidden',
    ],
  ],
  [
    'a list of servers',
    JSON_OF({ mcpServers: [{ name: 'a', command: 'node' }] }),
    ['mcpServers: expected an object, got a list; each entry stands under its name: {"<name>": {...}}'],
  ],
  [
    'a server that is both, and one that is neither',
    JSON_OF({ mcpServers: { b: { command: 'node', url: 'http://x.test' }, n: { args: ['x'] } } }),
    [
      'mcpServers.b: has both "command" and "url"; keep the one that is meant',
      'mcpServers.n: needs "command" (a program to start), "wasm" (a WASI command or component to run) or "url" (a server that runs)',
    ],
  ],
  ['single quotes', "{'mcpServers': {'a': {'command': 'node'}}}", ['broken JSON: texts stand in double quotes']],
  [
    'a name twice, beside other mistakes',
    '{"mcpServers":{"a":{"command":"node"},"a":{"command":"npx"},"b":{"comand":"npx","args":7}}}',
    [
      'the key "a" stands twice; remove one',
      'mcpServers.b.args: expected a list, got 7',
      'mcpServers.b.comand: there is no such key; did you mean "command"?',
    ],
  ],
  ['a name that vanishes', '{"mcpServers":{"__proto__":{"command":"node"}}}', ['a name cannot be "__proto__"']],
];

test.each(FILES)('the file of %s is taken, or refused with what to write instead', async (_client, text, told) => {
  const workingFolder = await folderWith({ 'mcp.json': text });
  const environment = { TOKEN: 't', PATH: process.env.PATH ?? '' };
  const { code, stderr } = await runLockgate(['config', 'check', '-c', 'mcp.json'], { workingFolder, environment });
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  const said = errors.map((line) => line.replace(/^error: .*?mcp\.json(:\d+:\d+)?: /, ''));
  expect(said.map((line) => line.replace(workingFolder, '<here>'))).toEqual(told);
  expect(code).toBe(told.length === 0 ? 0 : 2);
});

test.each([
  ['lockgate.json', { mcpServers: { f: { serverUrl: 'http://x.test' } } }, undefined],
  ['lockgate.json', { gateway: {}, servers: { f: { command: 'node' } } }, undefined],
  ['mcp.json', { plugins: {}, mcpServers: { f: { httpUrl: 'http://x.test' } } }, undefined],
  ['.mcp.json', { mcpServers: { f: { command: '${NOT_SET}' } } }, undefined],
  ['lockgate.json', { servers: { f: { command: 'node' } } }, "VS Code's mcp.json"],
  ['.mcp.json', { mcpServers: { f: { command: 'node', oauth: {} } } }, "Claude Code's .mcp.json"],
  ['cline_mcp_settings.json', { mcpServers: { 'a b': { command: 'node' } } }, "Cline's cline_mcp_settings.json"],
  ['c.json', { gateway: { apiKey: 'x' }, mcpServers: { f: { container: 'x' } } }, "gh-aw-mcpg's configuration"],
  ['c.json', { integrations: { github: { enabled: true } } }, "Switchboard's config.json"],
])('of a wrong %s with %j it is told whose it looks like: %s', async (file, tree, whose) => {
  const workingFolder = await folderWith({ [file]: JSON_OF(tree) });
  const { code, stderr } = await runLockgate(['serve', '--config', file], { workingFolder });
  expect(code).toBe(2);
  const [first = ''] = stderr.split('\n');
  const [, found] = /: this looks like (.*); run "(?:mv -n .* && )?lockgate import /.exec(first) ?? [];
  expect(found, first).toBe(whose);
});

test("a client's file that is named as a configuration makes room for one, as it is told", async () => {
  const workingFolder = await folderWith({ 'lockgate.json': JSON_OF({ servers: { f: { command: 'node' } } }) });
  const lockgate = (...args: string[]) => runLockgate(args, { workingFolder, environment: { HOME: workingFolder } });
  const [, told = ''] = /run "(.*)"/.exec((await lockgate('serve')).stderr) ?? [];
  const [move = '', command = ''] = told.split(' && lockgate ');
  execFileSync('/bin/sh', ['-c', move]);
  expect((await lockgate(...command.split(' '))).code, told).toBe(0);
  expect((await lockgate('config', 'check')).code).toBe(0);
});

test('whose configuration comes in by a pipe is told as well', async () => {
  const stdin = JSON_OF({ gateway: { port: 8080 }, mcpServers: { f: { container: 'x' } } });
  const { stderr } = await runLockgate(['serve', '--config-stdin'], { stdin });
  expect(stderr).toMatch(/^error: stdin: this looks like gh-aw-mcpg's configuration; run "lockgate import <file>"\n/);
});

test.each([
  ['utf16le', [0xff, 0xfe]],
  ['utf8', [0xef, 0xbb, 0xbf]],
] as const)('files that an editor has saved as %s are read', async (encoding, mark) => {
  const workingFolder = await folderWith({});
  const file = (text: string): Buffer => Buffer.concat([Buffer.from(mark), Buffer.from(text, encoding)]);
  await writeFile(
    join(workingFolder, 'lockgate.json'),
    file('{"mcpServers":{"a":{"command":"node","args":["${A}"]}}}'),
  );
  await writeFile(join(workingFolder, 'arguments.json'), file('{"a":"é"}'));
  expect(await readArguments('@arguments.json', { workingFolder } as Terminal)).toEqual({ a: 'é' });
  await writeFile(join(workingFolder, 'env'), file('A=first\r\nB=second\r\n'));
  const { code, stderr } = await runLockgate(['config', 'check', '--env', 'env'], { workingFolder });
  expect({ code, errors: stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
});

test('missing modules are errors of a check, and missing commands are told', async () => {
  const config = {
    plugins: { p: { path: './p.wasm' }, off: { path: './off.wasm', disabled: true } },
    mcpServers: {
      near: { command: 'npxx' },
      spaced: { command: 'node server.js' },
      scoped: { command: 'npx -y "@x/my server" -v', args: ['hush'] },
      nowhere: { command: 'node', cwd: './nowhere' },
      script: { command: './server.sh' },
    },
  };
  const workingFolder = await folderWith({ 'lockgate.json': JSON_OF(config), 'server.sh': '#!/bin/sh\n' });
  const environment = { PATH: process.env.PATH ?? '' };
  const { code, stderr } = await runLockgate(['config', 'check'], { workingFolder, environment });
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^note: mcpServers\.near\.command: the command "npxx" was not found on PATH; did you mean "npx?\w?"\?/,
    ),
    'note: mcpServers.spaced.command: the command "node server.js" was not found on PATH; arguments go into "args": write "command": "node", "args": ["server.js"]',
    'note: mcpServers.scoped.command: the command "npx -y "@x/my server" -v" is no file; arguments go into "args": write "command": "npx", "args": ["-y", "@x/my server", "-v", ...]',
    `note: mcpServers.nowhere.command: the folder "${workingFolder}/nowhere" ("cwd") does not exist; make it, or correct "cwd"`,
    `note: mcpServers.script.command: the command "./server.sh" may not be executed; make it executable (chmod +x ${workingFolder}/server.sh), or start it with the program that runs it`,
    `error: plugins.p.path: ${workingFolder}/p.wasm: there is no such file; check the path, or build the guest first`,
  ]);
  const dry = await runLockgate(['serve', '--dry-run'], { workingFolder, environment });
  expect(dry.code).toBe(1);
  expect(dry.stderr).toContain('cannot be used: p, near, spaced, scoped, nowhere, script');
});

test('a variable without braces is told where servers take their secrets from, and no password is', async () => {
  const entry = {
    url: 'https://x.test',
    headers: { A: 'Bearer $TOKEN', B: '$HUSH', C: '${TOKEN}', D: 'a$TOKEN', E: '$E' },
  };
  const workingFolder = await folderWith({ 'lockgate.json': JSON_OF({ mcpServers: { r: entry } }) });
  const { code, stderr } = await runLockgate(['config', 'check'], { workingFolder, environment: { TOKEN: 't' } });
  expect(code).toBe(0);
  expect(stderr.trim().split('\n')).toEqual([
    'note: mcpServers.r.headers.A: "$TOKEN" is not replaced here; write ${TOKEN}',
    'note: mcpServers.r.headers.B: "$NAME" is not replaced here; write ${NAME}',
    'note: mcpServers.r.headers.E: "$E" is not replaced here; write ${E}',
  ]);
});

test('what a README has for the reader to fill in is told where it was not, and shown nowhere', async () => {
  const args = ['-y', 'server', '--key', 'YOUR_API_KEY', '--token=<personal-access-token>', '/path/to/data', 'sk-xxxx'];
  const own = { args: ['--xattr', 'https://x.test/your-path', './here', 'exxon'], env: { A: 'your', B: 'Bearer abc' } };
  const text = JSON.stringify({
    mcpServers: {
      a: { command: 'node', args, env: { KEY: 'your-key-here' } },
      b: { url: 'http://x.test', headers: { Authorization: 'Bearer <token>' } },
      c: { command: 'node', ...own },
    },
  });
  const workingFolder = await folderWith({ 'mcp.json': text });
  const { code, stderr, stdout } = await runLockgate(['config', 'check', '-c', 'mcp.json'], { workingFolder });
  const places = [...`${stderr}${stdout}`.matchAll(/(mcpServers\S+): this looks like an example/g)].map(([, at]) => at);
  const ofA = [3, 4, 5, 6].map((index) => `mcpServers.a.args[${index}]`);
  expect(places).toEqual([...ofA, 'mcpServers.a.env.KEY', 'mcpServers.b.headers.Authorization']);
  expect(stderr + stdout).not.toMatch(/YOUR_API_KEY|personal-access/);
  expect(code).toBe(0);
});
