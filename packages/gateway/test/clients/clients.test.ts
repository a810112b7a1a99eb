// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the clients' own variables
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planImport } from '../../src/clients/plan-import.ts';
import { readClientFile } from '../../src/clients/read-client-file.ts';
import { elevenFiles, SECRETS } from './eleven-files.ts';

const home = '/home/me';

/** What an import makes of one file. */
async function imported(path: string, text: string, environment: Record<string, string> = {}) {
  const file = await readClientFile(join(home, path), text, home);
  const { outcomes, variables } = planImport({
    files: [file],
    existing: {},
    folder: '/srv',
    environment,
    renames: false,
  });
  return { client: file.client.name, outcomes, variables };
}

/** As above, as one object for each entry: what is written, and what is said. */
async function told(path: string, text: string) {
  const { client, outcomes, variables } = await imported(path, text);
  return {
    client,
    entries: Object.fromEntries(
      outcomes.map(({ name, to, remarks }) => [
        to?.section === 'guards' ? `guard ${name}` : name,
        to?.entry ?? remarks.join('; '),
      ]),
    ),
    remarks: outcomes
      .filter(({ to }) => to)
      .flatMap(({ name, remarks }) => remarks.map((remark) => `${name}: ${remark}`)),
    variables: variables.map(({ name, sources }) => `${name}: ${sources.join('; ')}`),
  };
}

test('the files of eleven clients are read as their documentation means them', async () => {
  const files = elevenFiles({
    program: (server) => ({ command: 'npx', args: ['-y', server] }),
    httpUrl: 'https://x.test/mcp',
    sseUrl: 'https://x.test/events',
  });
  const all = Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([path, text]) => [path, await told(path, text)])),
  );
  for (const secret of SECRETS) expect(JSON.stringify(all)).not.toContain(secret);
  expect(all).toMatchSnapshot();
});

test('the guard gateway’s TOML and JSON become servers and guards, and its own settings are told', async () => {
  const toml = `[gateway]
port = 8080
api_key = "hush-hush-5Up3r"

[servers.github]
command = "docker"
args = ["run", "--rm", "-i", "-e", "GITHUB_TOKEN", "-e", "NO_COLOR=1", "ghcr.io/github/github-mcp-server"]
guard = "github"
tools = ["*"]

[servers.github.env]
GITHUB_TOKEN = ""

[servers.github.guard_policies.allow-only]
repos = ["octo/one"]
min-integrity = "unapproved"

[servers.out]
type = "http"
url = "https://out.test/mcp"
[servers.out.guard_policies.write-sink]
Accept = ["private:octo/one"]

[guards.github]
type = "wasm"
path = "./github.wasm"
`;
  expect(await told('config.toml', toml)).toEqual({
    client: 'gh-aw-mcpg',
    entries: {
      github: {
        command: 'docker',
        args: ['run', '--rm', '-i', '-e', 'GITHUB_TOKEN', '-e', 'NO_COLOR=1', 'ghcr.io/github/github-mcp-server'],
        env: { GITHUB_TOKEN: '${GITHUB_TOKEN}' },
        guard: 'github',
        'guard-policies': { 'allow-only': { repos: ['octo/one'], 'min-integrity': 'unapproved' } },
      },
      out: { url: 'https://out.test/mcp', 'guard-policies': { 'write-sink': { accept: ['private:octo/one'] } } },
      'guard github': { path: './github.wasm' },
      'gateway.port': 'write "gateway": {"listen": "127.0.0.1:<port>"}, or give --listen',
      'gateway.api_key': 'make a key with "lockgate config key", and write its hash under "gateway.auth.apiKeys"',
    },
    remarks: [],
    variables: ['GITHUB_TOKEN: the environment of gh-aw-mcpg'],
  });
  const stdin = {
    gateway: { domain: 'localhost' },
    mcpServers: {
      github: {
        type: 'local',
        container: 'ghcr.io/x',
        mounts: ['/data:/data:ro'],
        args: ['--network', 'host'],
        entrypointArgs: ['stdio'],
        env: { TOKEN: '', LEVEL: 'info' },
        toolTimeout: 90,
        'guard-policies': { 'allow-only': { repos: 'all', 'min-integrity': 'none' } },
      },
      own: { type: 'mine' },
    },
  };
  expect(await told('gateway.json', JSON.stringify(stdin))).toMatchObject({
    client: 'gh-aw-mcpg',
    entries: {
      github: {
        command: 'docker',
        args: [
          ...['run', '--rm', '-i', '-e', 'NO_COLOR=1', '-e', 'TERM=dumb', '-e', 'PYTHONUNBUFFERED=1'],
          ...['-v', '/data:/data:ro', '-e', 'TOKEN', '-e', 'LEVEL', '--network', 'host', 'ghcr.io/x', 'stdio'],
        ],
        env: { TOKEN: '${TOKEN}', LEVEL: 'info' },
        callTimeoutMs: 90_000,
        disabled: true,
      },
      own: '"type": there is no such transport here as "mine"',
      'gateway.domain': 'write "gateway": {"publicUrl": "<url>"}',
    },
    remarks: [
      expect.stringMatching(/^github: "guard-policies\.allow-only" is for the guard .* so the server is switched off/),
    ],
  });
});

test('modules of the plugin server become plugins with their settings, and what it has built in is told', async () => {
  const config = {
    integrations: {
      github: { enabled: true, credentials: { token: 'ghp_0123456789abcdef' } },
      weather: { enabled: false, credentials: { api_key: 'w-5Up3rS3cret' }, tool_globs: ['weather_*'] },
    },
    wasm_modules: [{ path: 'plugins/weather.wasm' }, { name: 'odd' }],
    marketplace: {
      installed_plugins: [{ name: 'notes', version: '1.0.0', path: '/opt/notes.wasm', sha256: 'A'.repeat(64) }],
    },
  };
  const { client, entries, variables } = await told('.config/switchboard/config.json', JSON.stringify(config));
  expect({ client, entries }).toEqual({
    client: 'Switchboard',
    entries: {
      weather: {
        path: '/home/me/.config/switchboard/plugins/weather.wasm',
        settings: { api_key: '${WEATHER_API_KEY}' },
        disabled: true,
        tools: ['weather_*'],
      },
      odd: 'it has no "path"',
      notes: { path: '/opt/notes.wasm', sha256: 'a'.repeat(64) },
      github: expect.stringMatching(/^the program has it built in/),
    },
  });
  expect(variables).toEqual([
    'WEATHER_API_KEY: settings.api_key of "weather" in /home/me/.config/switchboard/config.json',
  ]);
});

test('plugins of hyper-mcp become plugins with all that is granted to them; those at addresses wait, switched off, for their file', async () => {
  const config = `
plugins:
  time:
    url: file:///opt/my%20plugins/time.wasm
    runtime_config:
      memory_limit: 512Mi
      allowed_hosts: ["*", "*.example.com", "api-*.test"]
      env_vars: { ZONE: "\${ZONE:-UTC}", API_KEY: "t-5Up3rS3cret" }
      skip_tools: [debug]
      skip_prompts: [".*"]
      allowed_paths: ["/data:/data", "/srv:/data"]
      odd: 1
  near: { path: near.wasm, runtime_config: { memory_limit: much } }
  kept: { url: "\${PLUGINS}/kept.wasm" }
  far: { url: "oci://ghcr.io/x/far:latest", runtime_config: { allowed_hosts: ["1.1.1.1"], memory_limit: "1GB" } }
  web: { url: "https://u:5Up3rS3cret@x.test/web.wasm" }
  none: { runtime_config: {} }
auths: {}
`;
  const { client, entries, remarks, variables } = await told('.config/hyper-mcp/config.yaml', config);
  expect({ client, entries }).toEqual({
    client: 'hyper-mcp',
    entries: {
      time: {
        path: '/opt/my plugins/time.wasm',
        settings: { ZONE: '${ZONE:-UTC}', API_KEY: '${TIME_API_KEY}' },
        hosts: ['*', '*.example.com'],
        storage: ['fs:///data:rw'],
        limits: { memoryCeilingBytes: 512 * 1024 * 1024 },
      },
      near: { path: '/home/me/.config/hyper-mcp/near.wasm' },
      kept: { path: '${PLUGINS}/kept.wasm' },
      far: {
        path: './far.wasm',
        disabled: true,
        hosts: ['1.1.1.1'],
        limits: { memoryCeilingBytes: 15_258 * 65_536 },
      },
      web: { path: './web.wasm', disabled: true },
      none: '"url": expected the address or path of a module, got nothing',
      auths: expect.stringMatching(/^it is for fetching modules/),
    },
  });
  expect(remarks).toEqual([
    'time: of "allowed_hosts" 1 are left out: "hosts" has names, "*.domain" and "*"',
    'time: "*" of "allowed_hosts" is every public address here: name each that is not public in "hosts" as well',
    expect.stringMatching(/^time: "skip_tools" hides "debug", which Lockgate would serve/),
    expect.stringMatching(/^time: "skip_prompts" is left out: .*"roles"/),
    'time: of "allowed_paths" 1 are left out: "storage" has directories under their own paths',
    'time: "odd" is left out: Lockgate knows no such key',
    expect.stringMatching(/^time: settings\.API_KEY is written out there/),
    expect.stringMatching(/^near: "memory_limit" is no size/),
    expect.stringMatching(/^far: its module is at an address of "oci:", so it is switched off: .*"\.\/far\.wasm"/),
    expect.stringMatching(/^web: its module is at an address of "https:", .*"sha256"/),
  ]);
  expect(JSON.stringify([entries, remarks, variables])).not.toContain('5Up3r');
});

test.each([
  ['a list, as older files have it', { plugins: [{ name: 'time', path: 'oci://x/time' }] }, ['time']],
  ['plugins with a "runtime_config"', { plugins: { time: { path: './t.wasm', runtime_config: {} } } }, ['time']],
])('a file of hyper-mcp at any place is known by what it holds: %s', async (_what, tree, names) => {
  const { client, entries } = await told('any.json', JSON.stringify(tree));
  expect([client, Object.keys(entries)]).toEqual(['hyper-mcp', names]);
});

test.each([
  ['file:///opt/a.wasm', '/opt/a.wasm'],
  ['file://localhost/opt/a%2.wasm', '/opt/a%2.wasm'],
  ['file://${DIR}/a.wasm', '${DIR}/a.wasm'],
  ['file://elsewhere/a.wasm', './p.wasm'],
])('the module at %s of hyper-mcp is looked for at %s', async (url, path) => {
  const { entries } = await told('hyper-mcp/config.json', JSON.stringify({ plugins: { p: { url } } }));
  expect(entries.p).toMatchObject({ path });
});

test('plugins of Lockgate itself are not taken for those of hyper-mcp', async () => {
  const plugins = { a: { path: './a.wasm' }, b: { url: 'https://x.test/b.wasm', sha256: 'a'.repeat(64) } };
  await expect(told('any.json', JSON.stringify({ plugins }))).rejects.toThrow('no MCP servers of a client');
});

test.each([
  ['.vscode/mcp.json', 'servers', '${env:A} ${workspaceFolder}/x ${userHome} ${B}', '${A} /home/me/p/x ${HOME} $${B}'],
  ['.vscode/mcp.json', 'servers', '${command:a.b} ${file} ${1}', '${COMMAND_A_B} ${FILE} $${1}'],
  ['mcp_config.json', 'mcpServers', '${file:~/.key}', '${KEY}'],
  ['.cursor/mcp.json', 'mcpServers', '${env:A}${/}${workspaceFolderBasename}', '${A}/p'],
  ['.mcp.json', 'mcpServers', '${A} ${B:-c d} $C ${env:D}', '${A} ${B:-c d} $C $${env:D}'],
  ['.gemini/settings.json', 'mcpServers', '$A ${B} a$', '${A} ${B} a$'],
  ['claude_desktop_config.json', 'mcpServers', 'echo ${A} $B', 'echo $${A} $B'],
])('variables in %s are written as Lockgate has them', async (path, section, written, expected) => {
  const text = JSON.stringify({ [section]: { s: { command: 'sh', args: ['-c', written] } } });
  const { entries } = await told(`p/${path}`, text);
  expect(entries.s).toMatchObject({ args: ['-c', expected] });
});

test('programs of a project start in its folder, and a relative folder is one of the project', async () => {
  const servers = { here: { command: 'node', args: ['s.js'] }, there: { command: 'node', cwd: 'sub' } };
  const { entries } = await told('p/.mcp.json', JSON.stringify({ mcpServers: servers }));
  expect(entries).toEqual({
    here: { command: 'node', args: ['s.js'], cwd: '/home/me/p' },
    there: { command: 'node', cwd: '/home/me/p/sub' },
  });
});

test('servers that a project of Claude Code has switched off stay so, or are told', async () => {
  const state = {
    mcpServers: { on: { command: 'a' }, off: { command: 'b' } },
    disabledMcpServers: ['off'],
    disabledMcpjsonServers: ['far'],
  };
  const { entries } = await told('.claude.json', JSON.stringify({ projects: { '/p': state } }));
  expect(entries).toEqual({
    on: { command: 'a', cwd: '/p' },
    off: { command: 'b', cwd: '/p', disabled: true },
    'projects["/p"].disabledMcpjsonServers': expect.stringMatching(/^of \/p\/\.mcp\.json these are switched off: far;/),
  });
});

test('what an entry has that Lockgate has not is told, key by key', async () => {
  const text = JSON.stringify({
    servers: {
      a: { command: 'node', envFile: '.env', sandboxEnabled: true, gallery: 'x', headers: { A: 'b' }, strange: 1 },
      socket: { type: 'http', url: 'unix:///run/x.sock' },
      both: { command: 'node', url: 'https://x.test' },
      neither: { type: 'stdio' },
      list: ['node'],
      far: { url: 'ws://x.test', type: 'ws' },
      bad: { url: 'token=5Up3rS3cret' },
      args: { command: 'node', args: [{}] },
    },
  });
  const { entries, remarks } = await told('.vscode/mcp.json', text);
  expect(entries).toEqual({
    a: { command: 'node' },
    socket: '"url": Lockgate reaches no server over a socket or pipe of the file system',
    both: 'has both "command" and "url"; keep the one that is meant',
    neither:
      'it needs "command" (a program to start), "wasm" (a WASI command or component to run) or "url" (a server that runs)',
    list: 'expected an object, got a list',
    far: 'Lockgate reaches no server over WebSockets',
    bad: 'url: expected an address such as https://example.com/mcp',
    args: 'args[0]: expected a text, got an object',
  });
  expect(remarks).toEqual([
    expect.stringMatching(/^a: "envFile" is left out: name that file with --env/),
    expect.stringMatching(/^a: "sandboxEnabled" is left out: /),
    'a: "strange" is left out: Lockgate knows no such key',
    'a: "headers" is left out: a program takes its secrets from "env"',
  ]);
});

test('a value is asked for only where what was carried over refers to it', async () => {
  const inputs = [{ id: 'key', type: 'promptString' }];
  const left = { envFile: '${workspaceFolder}/.env', dev: { watch: '${input:key}' } };
  const text = (server: object): string => JSON.stringify({ inputs, servers: { a: { command: 'node', ...server } } });
  expect(await told('.config/Code/User/mcp.json', text(left))).toMatchObject({
    entries: { a: { command: 'node' } },
    variables: [],
  });
  const kept = { ...left, args: ['${workspaceFolder}/a.js'] };
  expect((await told('.config/Code/User/mcp.json', text(kept))).variables).toEqual([
    expect.stringMatching(/^WORKSPACE_FOLDER: the folder that is open in VS Code/),
  ]);
});

test.each([
  ['.cursor/mcp.json', '{"mcpServers": {"a": {', /^\/home\/me\/\.cursor\/mcp\.json:1:\d+: broken JSON/],
  ['.codex/config.toml', 'a = "5Up3rS3cret\n[x', /^\/home\/me\/\.codex\/config\.toml:1:\d+: broken TOML/],
  ['.config/goose/config.yaml', 'a: [1', /^\/home\/me\/\.config\/goose\/config\.yaml:1:\d+: broken YAML/],
  ['x.json', '[]', /x\.json: expected an object, got a list/],
  ['x.json', '{"a": 1}', /no MCP servers of a client that is known stand here; say with --from/],
])('%s that holds %s is refused with the place', async (path, text, message) => {
  const failure = await readClientFile(join(home, path), text, home).catch((error: Error) => error.message);
  expect(failure).toMatch(message);
  expect(failure).not.toContain('5Up3rS3cret');
});
