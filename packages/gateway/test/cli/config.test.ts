// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { echoGuest, WasmBuilder } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const SECRETS = [
  'hush-env',
  'hush-setting',
  'hush-header',
  'hush-arg',
  'hush-query',
  'hush-otlp',
  'hush-default',
  'hush-part',
  'pw1',
  'h'.repeat(40),
];
const FULL = JSON.stringify({
  gateway: {
    tracing: { headers: { 'x-key': 'hush-otlp' } },
    auth: { apiKeys: [{ name: 'ci', key: '${API_KEY}' }] },
  },
  plugins: {
    p: { path: 'p.wasm', settings: { a: 'hush-setting', b: '${UNSET:-hush-default}', c: 'hush-part${E}', d: 'pw1' } },
  },
  mcpServers: {
    s: { command: 'x', args: ['--token', 'hush-arg', '${E}'], env: { E: '${E}' } },
    r: { url: 'https://r.test/mcp?token=hush-query', headers: { a: 'hush-header' } },
  },
});
const environment = { E: 'hush-env', API_KEY: 'h'.repeat(40) };

describe('config check', () => {
  test('says that a configuration can be used, and what may not be meant', async () => {
    const workingFolder = await folderWith({
      'lockgate.json': '{"mcpServers":{"s":{"command":"x","tools":["a"],"tool-call-limits":{"b":1},"timeout":3}}}',
    });
    const { code, stdout, stderr } = await runLockgate(['config', 'check'], { workingFolder });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${workingFolder}/lockgate.json: usable (0 plugins, 0 guards, 1 server)\n`,
    });
    expect(stderr.split('\n')).toEqual([
      `note: mcpServers.s.timeout: a client's own key, ignored here; use "callTimeoutMs"`,
      'note: mcpServers.s.tool-call-limits.b can never match: "tools" hides that tool',
      'note: mcpServers.s.command: the command "x" was not found on PATH; install it, or write its whole path',
      '',
    ]);
  });

  test.each([
    [{ hosts: ['a.test'] }, 'it is granted "hosts"'],
    [{ storage: ['kv:memory'] }, 'its "storage" has "kv:memory"'],
  ])('says of a whole server under "wasm" what is wrong with it: %j', async (granted, problem) => {
    const server = new WasmBuilder();
    server.function({ params: [], result: 'void', export: '_start' }, () => []);
    const mcpServers = { notes: { wasm: 'notes.wasm', ...granted } };
    const workingFolder = await folderWith({
      'lockgate.json': JSON.stringify({ mcpServers }),
      'notes.wasm': server.build(),
    });
    const { code, stderr } = await runLockgate(['config', 'check'], { workingFolder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(RegExp(`^error: mcpServers\\.notes\\.wasm: \\S+notes\\.wasm: ${problem}`)),
    });
  });

  test('exits 2 where a plugin stands under "wasm" of a server, as where a whole server stands among plugins', async () => {
    const mcpServers = { notes: { wasm: 'notes.wasm' } };
    const workingFolder = await folderWith({
      'lockgate.json': JSON.stringify({ mcpServers }),
      'notes.wasm': echoGuest(),
    });
    const { code, stdout, stderr } = await runLockgate(['config', 'check'], { workingFolder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: mcpServers\.notes\.wasm: \S+notes\.wasm: it is a plugin, not a whole server.*"plugins"/,
    );
  });

  test('exits 2 and names everything that is wrong', async () => {
    const workingFolder = await folderWith({ 'lockgate.json': '{"gateway":{"listn":"x","mode":"y"}}' });
    const { code, stdout, stderr } = await runLockgate(['config', 'check'], { workingFolder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('did you mean "listen"?');
    expect(stderr).toContain('expected "unified" or "routed", got "y"');
  });

  test('finds that other machines could reach it and nobody is asked who they are', async () => {
    const stdin = '{"gateway":{"listen":"0.0.0.0:3000"}}';
    const { code, stdout, stderr } = await runLockgate(['config', 'check', '--config-stdin'], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('gateway.listen: "0.0.0.0:3000" can be reached from other machines');
    expect(await runLockgate(['serve', '--dry-run', '--config-stdin'], { stdin })).toEqual({ code, stdout, stderr });
  });

  test('reads stdin, YAML as well, and the file that the environment names', async () => {
    expect(
      await runLockgate(['config', 'check', '--config-stdin'], { stdin: 'gateway: {mode: routed}' }),
    ).toMatchObject({ code: 0 });
    const workingFolder = await folderWith({ 'other.yaml': 'plugins: {}' });
    expect(
      await runLockgate(['config', 'check'], { workingFolder, environment: { MCP_GATEWAY_CONFIG: 'other.yaml' } }),
    ).toMatchObject({ code: 0 });
  });

  test('says what to do where there is no configuration', async () => {
    const { code, stderr } = await runLockgate(['config', 'check'], { workingFolder: await folderWith({}) });
    expect(code).toBe(2);
    expect(stderr).toContain('--config <file>');
  });
});

describe('config explain', () => {
  test('names what is denied for want of a guard, and what is unguarded', async () => {
    const workingFolder = await folderWith({
      'lockgate.json': JSON.stringify({
        gateway: { wasmGuardsDir: 'guards' },
        mcpServers: { held: { command: 'x' }, bare: { command: 'x' }, open: { command: 'x', guard: false } },
      }),
    });
    await mkdir(join(workingFolder, 'guards/held'), { recursive: true });
    await writeFile(join(workingFolder, 'guards/held/g.wasm'), '');
    const { stderr } = await runLockgate(['config', 'explain'], { workingFolder });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^note: every call of mcpServers.bare is denied: no guard is in .*guards\/bare; put/),
      '',
    ]);
  });

  test('prints each value and where it came from', async () => {
    const workingFolder = await folderWith({
      'lockgate.json': '{"gateway":{"logLevel":"warn","mode":"routed"},"plugins":{"p":{"path":"${DIR}/p.wasm"}}}',
      '.env': 'MCP_GATEWAY_GUARDS_MODE=filter\nMCP_GATEWAY_LISTEN=127.0.0.1:1\n',
    });
    const { stdout } = await runLockgate(['config', 'explain', '--env', '.env', '--log-level', 'debug', '--json'], {
      workingFolder,
      environment: { DIR: '/data', MCP_GATEWAY_LISTEN: '127.0.0.1:2' },
    });
    const { values } = JSON.parse(stdout) as { values: { place: string; value: string; source: string }[] };
    const of = (place: string) => values.find((value) => value.place === place);
    expect(of('gateway.logLevel')).toMatchObject({ value: '"debug"', source: 'flag --log-level' });
    expect(of('gateway.listen')).toMatchObject({ value: '"127.0.0.1:2"', source: 'environment MCP_GATEWAY_LISTEN' });
    expect(of('gateway.guardsMode')).toMatchObject({ value: '"filter"', source: 'env file MCP_GATEWAY_GUARDS_MODE' });
    expect(of('gateway.mode')).toMatchObject({ value: '"routed"', source: 'file' });
    expect(of('plugins.p.path')).toMatchObject({ value: '"${DIR}/p.wasm"', source: 'file' });
    expect(of('gateway.prefix')).toMatchObject({ value: '"always"', source: 'default' });
    expect(of('gateway.startConcurrency')).toMatchObject({ value: expect.stringMatching(/^\d+$/), source: 'default' });
  });

  test.each([
    [['--as', 'ci', 'files/delete_all'], /^no: .*\nroles\.careful\.tools\.deny\[0\] \(.*lockgate\.json:4\)/],
    [['--as', 'ci', 'files__read'], /^yes: .*\nroles\.careful\.tools\.allow\[0\]/],
    [['--as', 'ci', 'files/hidden'], /^no: .*\nmcpServers\.files\.tools .*serves other tools only/],
    [['--as', 'ci', '--kind', 'prompt', 'files/p'], /^no: .*\ngateway\.auth\.apiKeys\[0\]\.roles .*none of these/],
    [['--as', 'few', 'files/read'], /^no: .*\ngateway\.auth\.apiKeys\[1\]\.servers .*does not open/],
    [
      ['--as', 'few', 'other/x'],
      /^yes: .*\nprofiles\.part \(.*:4\): this allows it, since it has no patterns of that kind/,
    ],
    [['--as', 'claim:staff', 'other/x'], /^yes: .*\nroles\.all\.tools\.allow\[0\]/],
    [['--as', 'few', '--kind', 'prompt', 'other/x'], /^yes: .*\nprofiles\.part\.prompts\.allow\[0\] \(/],
    [['--as', 'few', 'files2/x'], /^no: .*\nprofiles\.part\.servers .*it is not in this profile/],
    [
      ['--as', 'few'],
      /limited to the profile part \(of the servers other\): profiles\.part \(.*allow +tools +\* +profiles\.part \(/s,
    ],
    [
      ['--as', 'whole'],
      /allow all of the profiles part \(of the servers other\).*allow +tools +\* +profiles\.part \(/s,
    ],
    [['--as', 'claim:guest', 'files/read'], /^no: .*\nprofiles\.part\.servers .*it is not in this profile/],
    [['--as', 'claim:guest'], /"roles" or "groups" holds guest.*limited to the profile part/s],
    [['--as', 'claim:nobody', 'other/x'], /^no: .*\ngateway\.auth\.jwt\.profile\.values/],
    [['--as', 'ci'], /^ci is an API key.*deny +tools +\*\/delete_\*/s],
    [
      ['--as', 'cii'],
      /nobody has the name "cii"; did you mean "ci"\?.*\(known: ci, few, whole, claim:staff, claim:guest, stdio\)/,
    ],
    [['files/read'], /say whose: --as <principal>/],
    [['--as', 'ci', 'read'], /"read" is no tool: write "server\/name"/],
  ])('%j says who may use what, and which place of the file says so', async (args, said) => {
    const apiKeys = [
      { name: 'ci', key: '${API_KEY}', roles: ['careful'] },
      { name: 'few', key: '${API_KEY}x', servers: ['other', 'files2'], profile: 'part' },
      { name: 'whole', key: '${API_KEY}x', roles: ['whole'] },
    ];
    const profile = { claim: 'groups', values: { staff: 'everything', guest: 'part' } };
    const roles = { values: { staff: ['all'], guest: ['all'] } };
    const jwt = { issuer: 'https://as.test', audience: 'a', roles, profile };
    const mcpServers = {
      files: { command: 'x', tools: ['read', 'delete_*'] },
      other: { command: 'x' },
      files2: { command: 'x' },
    };
    const text = [
      `{"gateway": ${JSON.stringify({ auth: { apiKeys, jwt } }).replaceAll('}x', 'X}')},`,
      '"roles": {"all": {"tools": {"allow": ["*"]}}, "careful": {"tools": {',
      '"allow": ["files/*"],',
      '"deny": ["*/delete_*"]}}, "whole": {"profiles": ["part"]}}, "profiles": {"part": {"servers": ["other"], "prompts": {"allow": ["*"]}}, "everything": {}},',
      `"mcpServers": ${JSON.stringify(mcpServers)}}`,
    ];
    const workingFolder = await folderWith({ 'lockgate.json': text.join('\n') });
    const run = await runLockgate(['config', 'explain', ...args], {
      workingFolder,
      environment: { ...environment, API_KEYX: 'k'.repeat(40) },
    });
    expect(run.stdout + run.stderr).toMatch(said);
  });

  test.each([[], ['--json'], ['--given']])('masks every secret %s', async (...more) => {
    const workingFolder = await folderWith({ 'lockgate.json': FULL });
    const { code, stdout, stderr } = await runLockgate(['config', 'explain', ...more], { workingFolder, environment });
    expect(code).toBe(0);
    for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toContain('${E}');
  });

  test.each([
    ['https://me:${PW}@x.test/mcp', 'https://********:${PW}@x.test/mcp'],
    [
      'https://${WHO}:a${PW}@x.test/mcp?key=${KEY}&b=c',
      'https://${WHO}:********${PW}@x.test/mcp?key=${KEY}&b=********',
    ],
    [
      'https://x.test/${PATH_OF_IT:-mcp}?k=${KEY:-5Up3r}#top',
      'https://x.test/${PATH_OF_IT:-********}?k=${KEY:-********}#top',
    ],
    ['${BASE}/mcp', '${BASE}/mcp'],
  ])('shows the address %s as it is written, but for what is secret in it', async (url, shown) => {
    const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify({ mcpServers: { a: { url } } }) });
    const { stdout, stderr } = await runLockgate(['config', 'explain', '--json'], {
      workingFolder,
      environment: { PW: 'pw-5Up3r', WHO: 'me', KEY: 'key-5Up3r', PATH_OF_IT: 'mcp', BASE: 'https://x.test' },
    });
    const { values } = JSON.parse(stdout || `{"values":[{"value":${JSON.stringify(stderr)}}]}`);
    const value = values.find(({ place }: { place: string }) => place === 'mcpServers.a.url')?.value;
    expect(JSON.parse(value)).toBe(shown);
  });

  test('colours only where they are wanted', async () => {
    const workingFolder = await folderWith({ 'lockgate.json': '{}' });
    const run = (environment: Record<string, string>) =>
      runLockgate(['config', 'explain'], { workingFolder, environment });
    expect((await run({})).stdout).not.toContain('\u001B');
    expect((await run({ FORCE_COLOR: '1' })).stdout).toContain('\u001B');
    expect((await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001B');
  });
});

describe('config schema', () => {
  test('is a JSON Schema that knows every key', async () => {
    const { stdout } = await runLockgate(['config', 'schema']);
    const schema = JSON.parse(stdout) as { properties: Record<string, unknown>; additionalProperties: unknown };
    expect(Object.keys(schema.properties)).toEqual([
      '$schema',
      'gateway',
      'plugins',
      'guards',
      'mcpServers',
      'roles',
      'profiles',
      'limits',
    ]);
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('config key', () => {
  test('makes a new key each time, and the hash that belongs to it', async () => {
    const runs = await Promise.all([runLockgate(['config', 'key']), runLockgate(['config', 'key'])]);
    const [one, two] = runs.map(({ stdout }) =>
      /^key {3}(lg_[\w-]{43})\nhash {2}(sha256:[0-9a-f]{64})\n$/.exec(stdout),
    );
    expect(one?.[2]).toBe(hashApiKey(one?.[1] ?? ''));
    expect(one?.[1]).not.toBe(two?.[1]);
  });

  test('prints both for programs', async () => {
    const { stdout } = await runLockgate(['config', 'key', '--json']);
    const { key, hash, ...rest } = JSON.parse(stdout) as Record<string, string>;
    expect(hash).toBe(hashApiKey(key ?? ''));
    expect(rest).toEqual({});
  });
});

test('check takes the ceiling on memory of the entry, and compares a file with its "sha256"', async () => {
  const check = async (plugin: object) => {
    const config = JSON.stringify({ plugins: { big: { path: './big.wasm', ...plugin } } });
    const workingFolder = await folderWith({ 'big.wasm': echoGuest({ minPages: 5_000 }), 'lockgate.json': config });
    return runLockgate(['config', 'check'], { workingFolder });
  };
  expect(await check({})).toMatchObject({ code: 2, stderr: expect.stringContaining('above the ceiling of 268435456') });
  const limits = { memoryCeilingBytes: 400 * 1024 * 1024 };
  expect(await check({ limits })).toMatchObject({ code: 0 });
  const other = await check({ limits, sha256: '0'.repeat(64) });
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/its SHA-256 is [0-9a-f]{64}, not/) });
});
