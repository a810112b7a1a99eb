// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLIENTS } from '../../src/clients/clients.ts';
import { planImport } from '../../src/clients/plan-import.ts';
import { readClientFile } from '../../src/clients/read-client-file.ts';
import { referencedVariables } from '../../src/clients/variable-syntax.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

const file = (path: string, tree: unknown) => readClientFile(`/home/me/${path}`, JSON.stringify(tree), '/home/me');

async function plan(
  files: readonly (readonly [path: string, tree: unknown])[],
  existing: Record<string, unknown> = {},
  { environment = {}, renames = false }: { environment?: Record<string, string>; renames?: boolean } = {},
) {
  const read = await Promise.all(files.map(([path, tree]) => file(path, tree)));
  return planImport({ files: read, existing, folder: '/srv', environment, renames });
}

const summary = ({ outcomes }: Awaited<ReturnType<typeof plan>>) =>
  outcomes.map(({ name, result, to, remarks }) => [name, result, to?.name, ...remarks]);

const cursor = (mcpServers: unknown) => ['.cursor/mcp.json', { mcpServers }] as const;
const desktop = (mcpServers: unknown) => ['claude_desktop_config.json', { mcpServers }] as const;

test('two different servers of one name both come, and the same server comes once', async () => {
  const made = await plan([
    cursor({ git: { command: 'a' }, web: { url: 'https://x.test', headers: { 'X-Key': 'k-5Up3rS3cret' } } }),
    desktop({
      git: { command: 'b' },
      web: { url: 'https://x.test', headers: { 'X-Key': 'k-5Up3rS3cret' } },
      'Ünser Git': { command: 'b' },
    }),
  ]);
  expect(summary(made)).toEqual([
    ['git', 'added', 'git'],
    ['web', 'added', 'web', 'headers.X-Key is written out there: here it is ${WEB_X_KEY}'],
    ['git', 'added', 'git-2', 'called "git-2" here, since there is another "git"'],
    ['web', 'same', undefined, 'the same as "web" of /home/me/.cursor/mcp.json'],
    [
      'Ünser Git',
      'added',
      'Unser-Git',
      'called "Unser-Git" here, since a name has letters, digits, "_", "." and "-" only',
    ],
  ]);
});

test('an entry of the configuration is never replaced: another of its name waits for --rename', async () => {
  const existing = {
    mcpServers: { git: { command: 'mine' }, web: { url: 'https://x.test', headers: { A: 'Bearer ${W}' } } },
    plugins: { p: {} },
  };
  const files = [
    cursor({
      git: { command: 'a' },
      p: { command: 'p' },
      web: { url: 'https://x.test', headers: { A: 'Bearer sk-5Up3rS3cret' } },
    }),
  ];
  const made = await plan(files, existing);
  expect(summary(made)).toEqual([
    [
      'git',
      'taken',
      undefined,
      'another "git" stands in the configuration and is kept; --rename takes this one under another name',
    ],
    [
      'p',
      'taken',
      undefined,
      'another "p" stands in the configuration and is kept; --rename takes this one under another name',
    ],
    ['web', 'same', undefined, 'it stands in the configuration already, as "web"'],
  ]);
  expect(summary(await plan(files, existing, { renames: true })).map(([, result, to]) => [result, to])).toEqual([
    ['added', 'git-2'],
    ['added', 'p-2'],
    ['same', undefined],
  ]);
});

test('the gateway is not imported into itself', async () => {
  const servers = {
    a: { command: '/usr/bin/lockgate', args: ['serve', '--stdio'] },
    b: { command: 'npx', args: ['-y', '-p', '@lockgate/gateway', 'lockgate', 'serve'] },
    c: { url: 'http://localhost:4000/mcp' },
    d: { url: 'https://gate.test/mcp/files' },
    other: { url: 'http://localhost:3000/mcp' },
    'another-host': { url: 'http://x.test:4000/mcp' },
  };
  const gateway = { listen: '127.0.0.1:4000', publicUrl: 'https://gate.test' };
  const made = await plan([cursor(servers)], { gateway });
  expect(made.outcomes.map(({ result }) => result)).toEqual([...Array(4).fill('left out'), 'added', 'added']);
  const [first] = (await plan([cursor({ c: { url: 'http://127.0.0.1:3000/mcp' } })])).outcomes;
  expect(first?.remarks).toEqual(['it is this gateway itself']);
});

test('what was imported once is not imported again', async () => {
  const files = [
    cursor({
      a: { command: 'x', args: ['--token', 'abc-5Up3r', 'postgres://u:hushhush@db/x'], env: { A_KEY: 'k1-5Up3r' } },
      b: { command: 'x', env: { A_KEY: 'k2-5Up3r' } },
      c: { url: 'https://u:hushhush@x.test/mcp?api_key=hushhush', headers: { Cookie: 'c=hushhush' } },
    }),
    desktop({ a: { command: 'y' } }),
  ];
  const first = await plan(files);
  const mcpServers = Object.fromEntries(first.outcomes.map(({ to }) => [to?.name, to?.entry]));
  expect(JSON.stringify(mcpServers)).not.toMatch(/hushhush|5Up3r/);
  const second = await plan(files, { mcpServers });
  expect(second.outcomes.map(({ result }) => result)).toEqual(['same', 'same', 'same', 'same']);
});

test('a variable stands for one value: secrets that differ get variables of their own', async () => {
  const made = await plan(
    [
      cursor({
        a: { command: 'x', env: { GIT_TOKEN: 't1-5Up3r', SHARED: '${env:OTHER}' } },
        b: { command: 'x', env: { GIT_TOKEN: 't2-5Up3r', MY_API_KEY: 'set-here' } },
        c: { command: 'x', env: { GIT_TOKEN: 't1-5Up3r', MY_API_KEY: 'not-what-is-set', USED_KEY: 'u-5Up3r' } },
        d: { command: 'x', env: { OTHER: 'sk-o-5Up3rS3cret' } },
      }),
    ],
    { mcpServers: { e: { command: 'x', env: { U: '${USED_KEY}' } } } },
    { environment: { MY_API_KEY: 'set-here' } },
  );
  expect(made.outcomes.map(({ to }) => to?.entry.env)).toEqual([
    { GIT_TOKEN: '${GIT_TOKEN}', SHARED: '${OTHER}' },
    { GIT_TOKEN: '${B_GIT_TOKEN}', MY_API_KEY: '${MY_API_KEY}' },
    { GIT_TOKEN: '${GIT_TOKEN}', MY_API_KEY: '${C_MY_API_KEY}', USED_KEY: '${C_USED_KEY}' },
    { OTHER: '${D_OTHER}' },
  ]);
  expect(made.variables.map(({ name, isSet }) => [name, isSet])).toEqual([
    ['GIT_TOKEN', false],
    ['OTHER', false],
    ['B_GIT_TOKEN', false],
    ['MY_API_KEY', true],
    ['C_MY_API_KEY', false],
    ['C_USED_KEY', false],
    ['D_OTHER', false],
  ]);
  expect(Object.fromEntries(made.values)).toEqual({
    GIT_TOKEN: 't1-5Up3r',
    B_GIT_TOKEN: 't2-5Up3r',
    C_MY_API_KEY: 'not-what-is-set',
    C_USED_KEY: 'u-5Up3r',
    D_OTHER: 'sk-o-5Up3rS3cret',
  });
});

test.each([
  ['MAX_TOKENS', '4096', false],
  ['API_KEY', '', false],
  ['SSH_KEY', '/home/me/.ssh/id', false],
  ['GH_TOKEN', '${env:GH}', false],
  ['LEVEL', 'debug', false],
  ['API_URL', 'https://api.x.test/v1', false],
  ['PGPASSWORD', 'letmein', true],
  ['clientSecret', 'letmein', true],
  ['DATABASE_URL', 'postgres://me:letmein@db/x', true],
  ['ANY', 'ghp_0123456789', true],
  ['ANY', 'aB3dE5fG7hI9jK1lM3nO5pQ7', true],
  ['ANY', '0123456789abcdef0123456789abcdef', true],
  ['ANY', '2f9b5a52-9f0e-4a53-8d0e-3c6f7b1d2a11', false],
])('%s=%s is taken for a secret: %s', async (name, value, isSecret) => {
  const { values } = await plan([cursor({ a: { command: 'x', env: { [name]: value } } })]);
  expect([...values.values()]).toEqual(isSecret ? [value] : []);
});

const value = fc.jsonValue({ maxDepth: 3 });
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('stdio', 'http', 'sse', 'npx', 'https://x.test', '${A}', '$B', '${input:i}'),
);
const keys = fc.constantFrom(
  ...[
    'type',
    'command',
    'cmd',
    'args',
    'env',
    'envs',
    'url',
    'uri',
    'httpUrl',
    'serverUrl',
    'headers',
    'disabled',
    'enabled',
  ],
  ...[
    'cwd',
    'timeout',
    'container',
    'path',
    'tools',
    'disabled_tools',
    'guard',
    'guard-policies',
    'oauth',
    'toString',
    'x',
  ],
);
const entry = fc.oneof(
  value,
  fc.dictionary(keys, fc.oneof(text, value, fc.array(text), fc.dictionary(fc.string(), text)), { maxKeys: 5 }),
);
const name = fc
  .oneof(fc.string(), fc.constantFrom('a', 'A b', 'constructor', '..', 'ß', 'a-2'))
  .filter((key) => key !== '__proto__');
const servers = fc.dictionary(name, entry, { maxKeys: 5, noNullPrototype: true });

test('every entry of every client’s file has its outcome, whatever it holds, and what is added can be used', async () => {
  const sections: Readonly<Record<string, string>> = {
    vscode: 'servers',
    zed: 'context_servers',
    codex: 'mcp_servers',
    goose: 'extensions',
  };
  const readers = CLIENTS.filter(({ id }) => !['gh-aw-mcpg', 'switchboard', 'hyper-mcp', 'wassette'].includes(id));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...readers), servers, servers, async (client, some, others) => {
      // Such a name is refused with the whole file, by a test of its own.
      fc.pre(!JSON.stringify([some, others]).includes('"__proto__":'));
      const section = sections[client.id] ?? 'mcpServers';
      const read = await readClientFile('/f', JSON.stringify({ [section]: some }), '/home/me', client);
      const made = planImport({
        files: [
          read,
          {
            ...read,
            path: '/g',
            found: (await readClientFile('/g', JSON.stringify({ [section]: others }), '/h', client)).found,
          },
        ],
        existing: { mcpServers: { a: { command: 'kept' } } },
        folder: '/srv',
        environment: {},
        renames: false,
      });
      expect(made.outcomes.map(({ name }) => name)).toEqual([...Object.keys(some), ...Object.keys(others)]);
      for (const { result, remarks } of made.outcomes) if (result !== 'added') expect(remarks.join('')).not.toBe('');
      const added = made.outcomes.flatMap(({ to }) => to ?? []);
      expect(new Set(added.map(({ name }) => name)).size).toBe(added.length);
      expect(added.map(({ name }) => name)).not.toContain('a');
      const mcpServers = Object.fromEntries(added.map(({ name, entry }) => [name, entry]));
      const environment = Object.fromEntries(
        referencedVariables(JSON.stringify(mcpServers)).map(({ name }) => [name, 'http://x.test']),
      );
      const text = { source: 'made', tree: { mcpServers }, locate: () => undefined };
      resolveConfig({ text, folder: '/', flags: {}, environment, workingFolder: '/' });
    }),
    { numRuns: 300 },
  );
});

test('a type or transport that is no text is told by its kind, in an entry of a server or a guard', async () => {
  const odd = { toString: 1 };
  const made = await plan([
    cursor({ a: { type: odd, command: 'x' } }),
    desktop({ b: { transport: [odd], command: 'x' } }),
  ]);
  expect(summary(made).map(([, , , remark]) => remark)).toEqual([
    expect.stringContaining('an object'),
    expect.stringContaining('a list'),
  ]);
});

test('a server keeps its guard under the name that the guard has here, and without its guard it is switched off', async () => {
  const gateway = {
    gateway: {},
    mcpServers: {
      a: { container: 'a', guard: 'my guard', 'guard-policies': { 'allow-only': { repos: 'all' } } },
      b: { container: 'b', guard: 'noop', 'guard-policies': { 'allow-only': { repos: 'all' } } },
      c: { container: 'c', guard: 'taken' },
    },
    guards: { 'my guard': { type: 'wasm', path: '/g.wasm' }, noop: { type: 'noop' }, taken: { path: '/t.wasm' } },
  };
  const { outcomes } = await plan([['g.json', gateway]], { guards: { taken: { path: '/other.wasm' } } });
  const servers = outcomes.slice(0, 3).map(({ to, remarks }) => [to?.entry.guard, to?.entry.disabled, remarks.length]);
  expect(servers).toEqual([
    ['my-guard', undefined, 0],
    [undefined, true, 1],
    [undefined, true, 1],
  ]);
  expect(outcomes[1]?.to?.entry).not.toHaveProperty('guard-policies');
  expect(outcomes.slice(3, 6).map(({ name, result }) => [name, result])).toEqual([
    ['my guard', 'added'],
    ['noop', 'left out'],
    ['taken', 'taken'],
  ]);
});
