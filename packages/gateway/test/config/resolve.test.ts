// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { formatPlace } from '../../src/config/place.ts';
import { type ResolvedConfig, type ResolveInput, resolveConfig } from '../../src/config/resolve.ts';
import { configSchema } from '../../src/config/schema.ts';
import { SETTINGS, variableName } from '../../src/config/settings.ts';

const OIDC = {
  issuer: 'https://login.example.com',
  clientId: 'lockgate',
  admin: { claim: 'groups', operator: ['admins'] },
};

function resolveTree(tree: object, over: Partial<ResolveInput> = {}): ResolvedConfig {
  const text = parseJsonConfig(JSON.stringify(tree, null, 2), 'lockgate.json');
  return resolveConfig({
    text,
    folder: '/etc/lockgate',
    flags: {},
    environment: {},
    workingFolder: '/home/me',
    ...over,
  });
}

function refusal(tree: object, over: Partial<ResolveInput> = {}): string {
  try {
    resolveTree(tree, over);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const sample = (kind: string, rank: number): string =>
  ({ duration: `${rank}s`, integer: String(rank), boolean: rank % 2 ? 'true' : 'false', list: `h${rank}` })[kind] ??
  `/v${rank}`;
const fileValue = (kind: string): unknown =>
  ({ duration: 4_000, integer: 4, boolean: false, list: ['h4'], path: '/v4' })[kind];
const SPECIAL: Readonly<Record<string, readonly unknown[]>> = {
  listen: ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3', '127.0.0.1:4'],
  mode: ['routed', 'unified', 'routed', 'unified'],
  pins: ['manual', 'first-use', 'lockfile', 'manual'],
  prefix: ['auto', 'always', 'auto', 'always'],
  'trusted-proxies': ['10.0.0.1', '10.0.0.0/8', '::1', ['10.0.0.4']],
  discovery: ['search', 'auto', 'list', 'search'],
  'public-url': ['http://a.test/1', 'http://a.test/2', 'http://a.test/3', 'http://a.test/4'],
  'otlp-endpoint': ['http://a.test/1', 'http://a.test/2', 'http://a.test/3', 'http://a.test/4'],
  'log-level': ['debug', 'warn', 'error', 'silent'],
  'guards-mode': ['filter', 'propagate', 'filter', 'propagate'],
};

describe('precedence is the same for every setting', () => {
  test.each(SETTINGS)('$name: flag, environment, env file, file, default', ({ name, place, kind }) => {
    const values = SPECIAL[name] ?? [sample(kind, 1), sample(kind, 2), sample(kind, 3), fileValue(kind)];
    const tls = name.startsWith('tls-') ? { tls: { cert: '/c', key: '/k' } } : {};
    const file = { gateway: { ...tls } as Record<string, unknown> };
    const last = place.at(-1) as string;
    let holder: Record<string, unknown> = file.gateway;
    for (const step of place.slice(1, -1)) {
      holder[step] ??= {};
      holder = holder[step] as Record<string, unknown>;
    }
    const withoutFile = structuredClone(file);
    holder[last] = values[3];

    const layers: Partial<ResolveInput>[] = [
      { flags: { [name]: String(values[0]) } },
      { environment: { [variableName(name)]: String(values[1]) } },
      { envFile: { [variableName(name)]: String(values[2]) } },
    ];
    const read = (over: Partial<ResolveInput>, tree: object = file) => {
      const { config, sources } = resolveTree(tree, over);
      const value = place.reduce<unknown>((node, step) => (node as Record<string, unknown>)?.[step], config);
      const at = formatPlace(place);
      return { value, from: (sources.get(at) ?? sources.get(`${at}[0]`))?.from ?? 'default' };
    };

    const all = { ...layers[0], ...layers[1], ...layers[2] };
    const [flag, environment, envFile] = layers.map((layer) => read(layer));
    expect(read(all)).toEqual({ value: flag?.value, from: 'flag' });
    expect(read({ ...layers[1], ...layers[2] })).toEqual({ value: environment?.value, from: 'environment' });
    expect(read({ ...layers[2] })).toEqual({ value: envFile?.value, from: 'env file' });
    expect(read({})).toEqual({ value: values[3], from: 'file' });
    expect(read({}, withoutFile).from).toBe(/^tls-(cert|key)$/.test(name) ? 'file' : 'default');
    // Neighbours in the order differ, so that no layer could pass for the next one.
    expect(flag?.value).not.toEqual(environment?.value);
    expect(environment?.value).not.toEqual(envFile?.value);
  });

  test('an empty variable counts as not set', () => {
    expect(resolveTree({}, { environment: { MCP_GATEWAY_LOG_LEVEL: '' } }).config.gateway.logLevel).toBe('info');
  });

  test('the env file can set what a default would take from the environment', () => {
    const { config } = resolveTree({}, { envFile: { MCP_GATEWAY_LOG_DIR: '/var/log/lg' } });
    expect(config.gateway).toMatchObject({ logDir: '/var/log/lg', wasmCacheDir: '/var/log/lg/wasm-cache' });
  });

  test('a variable in the file comes from the environment before the env file', () => {
    const over = { environment: { A: 'env' }, envFile: { A: 'file', B: 'file' } };
    const { config } = resolveTree({ plugins: { p: { path: 'p.wasm', settings: { a: '${A}', b: '${B}' } } } }, over);
    expect(config.plugins.p?.settings).toEqual({ a: 'env', b: 'file' });
  });
});

describe('paths', () => {
  test('of the file are relative to it, those of flags and variables to the working folder', () => {
    const tree = {
      gateway: { logDir: 'logs', tls: { cert: 'c.pem', key: '/k.pem' } },
      plugins: { p: { path: './p.wasm' } },
      guards: { g: { path: '../g.wasm' } },
      mcpServers: { s: { command: 'x', cwd: 'data' }, t: { command: 'y' } },
    };
    const { config } = resolveTree(tree, { flags: { 'wasm-cache-dir': 'cache' } });
    expect(config.gateway).toMatchObject({
      logDir: '/etc/lockgate/logs',
      wasmCacheDir: '/home/me/cache',
      tls: { cert: '/etc/lockgate/c.pem', key: '/k.pem' },
    });
    expect(config.plugins.p?.path).toBe('/etc/lockgate/p.wasm');
    expect(config.guards.g?.path).toBe('/etc/g.wasm');
    expect(config.mcpServers).toMatchObject({ s: { cwd: '/etc/lockgate/data' }, t: { cwd: '/etc/lockgate' } });
  });

  test('the cache stands in the log folder, wherever that came from', () => {
    const { config } = resolveTree({}, { environment: { XDG_STATE_HOME: '/state' } });
    expect(config.gateway).toMatchObject({ logDir: '/state/lockgate', wasmCacheDir: '/state/lockgate/wasm-cache' });
  });
});

describe('a resolved configuration', () => {
  test('is itself a file that means the same', () => {
    const tree = {
      plugins: { p: { path: 'p.wasm' } },
      mcpServers: { a: { command: 'x' }, b: { url: 'http://b.test' } },
    };
    const { config } = resolveTree(tree);
    expect(configSchema.parse(config)).toEqual(config);
    expect(configSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test('takes servers as clients write them, and says once what only a client understands', () => {
    const { config, warnings } = resolveTree({
      mcpServers: {
        a: { command: 'npx', args: ['-y', 'x'], env: { K: 'v' }, timeout: 60, autoApprove: ['t'] },
        b: { type: 'streamable-http', url: 'http://b.test/mcp', headers: { authorization: 'x' } },
        c: { type: 'sse', url: 'http://c.test/sse' },
      },
    });
    expect(config.mcpServers).toMatchObject({ a: { type: 'stdio' }, b: { type: 'http' }, c: { type: 'sse' } });
    expect(warnings).toEqual([
      'mcpServers.a.timeout: a client\'s own key, ignored here; use "callTimeoutMs"',
      "mcpServers.a.autoApprove: a client's own key, ignored here",
    ]);
  });
});

describe('what cannot be used is refused with place, kind, limit and remedy', () => {
  const cases: [string, object, string][] = [
    [
      'an unknown key',
      { gateway: { listn: '1' } },
      'lockgate.json:3:14: gateway.listn: there is no such key; did you mean "listen"?',
    ],
    ['an unknown key of an entry', { plugins: { p: { path: 'p', setings: {} } } }, 'did you mean "settings"?'],
    ['an unknown top key', { mcpservers: {} }, 'did you mean "mcpServers"?'],
    ['a wrong kind', { gateway: { metrics: 'yes' } }, 'gateway.metrics: expected true or false, got "yes"'],
    [
      'a kind that is none of several',
      { gateway: { console: 'yes' } },
      'gateway.console: expected true or false or an object, got "yes"',
    ],
    ['a value that is none of several', { gateway: { adminSocket: true } }, 'expected a text or false, got true'],
    [
      'an unknown key of one of several forms',
      { gateway: { console: { allowConfigurationChange: true } } },
      'gateway.console.allowConfigurationChange: there is no such key',
    ],
    ['a wrong word', { gateway: { logLevel: 'wran' } }, 'got "wran"; did you mean "warn"?'],
    ['a number too small', { gateway: { limits: { maxBodyBytes: 0 } } }, 'the value is at least 1, got 0'],
    ['a bad address', { gateway: { listen: 'here' } }, 'expected "host:port"'],
    ['a bad name', { plugins: { 'a b': { path: 'p' } } }, 'plugins["a b"]: a name begins with a letter or digit'],
    ['a module without origin', { plugins: { p: {} } }, 'plugins.p: expected either "path" or "url"'],
    [
      'an address without digest',
      { plugins: { p: { url: 'https://x.test/p.wasm' } } },
      'plugins.p.sha256: a module from an address needs',
    ],
    [
      'both transports',
      { mcpServers: { s: { command: 'a', url: 'http://x' } } },
      'mcpServers.s: has both "command" and "url"; keep the one',
    ],
    [
      'a key of the other transport',
      { mcpServers: { s: { url: 'http://x', args: [] } } },
      '"args" goes with "command"',
    ],
    [
      'a guard that is not there',
      { plugins: { p: { path: 'p', guard: 'g' } }, guards: { h: { path: 'h' } } },
      'no guard has the name "g" (known: h)',
    ],
    [
      'a policy that nobody reads',
      { mcpServers: { s: { command: 'a', 'guard-policies': { 'allow-only': {} } } } },
      'needs a guard',
    ],
    [
      'bots that no guard is told of',
      { mcpServers: { s: { command: 'a', guard: false, 'guard-policies': { 'trusted-bots': ['b'] } } } },
      'trusted-bots: this policy needs a guard',
    ],
    [
      'a guard’s policy of a write-sink',
      {
        mcpServers: {
          s: { command: 'a', guard: 'g', 'guard-policies': { 'allow-only': {}, 'write-sink': { accept: [] } } },
        },
        guards: { g: { path: 'g' } },
      },
      'the server is a "write-sink"; leave one of them out',
    ],
    [
      'a guard that is no name',
      { mcpServers: { s: { command: 'a', guard: true as unknown as false } } },
      's.guard: expected the name of an entry in "guards", or false for none',
    ],
    [
      'a name given twice',
      { plugins: { s: { path: 'p' } }, mcpServers: { s: { command: 'a' } } },
      'the same name stands under "mcpServers"',
    ],
    [
      'a key with the name of whoever holds the pipe',
      { gateway: { auth: { apiKeys: [{ name: 'stdio', hash: `sha256:${'0'.repeat(64)}` }] } } },
      'apiKeys[0].name: the gateway itself has a principal of this name',
    ],
    [
      'a certificate with the name of everybody',
      {
        gateway: {
          tls: { cert: 'c', key: 'k', clientCa: 'a' },
          auth: { clientCertificates: [{ name: 'anonymous', commonName: 'a' }] },
        },
      },
      'clientCertificates[0].name: the gateway itself has a principal of this name',
    ],
    [
      'certificates without a CA',
      { gateway: { auth: { clientCertificates: [{ name: 'a', commonName: 'a' }] } } },
      'need "gateway.tls.clientCa"',
    ],
    [
      'a literal key',
      { gateway: { auth: { apiKeys: [{ name: 'a', key: 'x'.repeat(40) }] } } },
      'a key does not stand in the file',
    ],
    [
      'a literal secret of a client',
      { gateway: { console: { oidc: { ...OIDC, clientSecret: 'hush-hush-4' } } } },
      'gateway.console.oidc.clientSecret: the secret of a client does not stand in the file; write ${A_VARIABLE}',
    ],
    [
      'an issuer over plain http elsewhere',
      { gateway: { console: { oidc: { ...OIDC, issuer: 'http://login.example.com' } } } },
      'gateway.console.oidc.issuer: expected an https address without query or fragment',
    ],
    [
      'a sign-in for nobody',
      { gateway: { console: { oidc: { ...OIDC, admin: { claim: 'groups' } } } } },
      'gateway.console.oidc.admin: nobody could sign in',
    ],
    ...['state', 'redirect_uri', 'client_id', 'code_challenge_method', 'scope', 'Resource', 'request_uri'].map(
      (name): [string, object, string] => [
        `a parameter of a login that is the gateway's own (${name})`,
        { mcpServers: { a: { url: 'https://a', auth: { type: 'oauth', extraAuthorizeParams: { [name]: 'x' } } } } },
        `mcpServers.a.auth.extraAuthorizeParams.${name}: is no extra: `,
      ],
    ),
    [
      'an undefined variable',
      { plugins: { p: { path: '${NOPE}' } } },
      'lockgate.json:4:15: plugins.p.path: the variable "NOPE" is not defined',
    ],
  ];
  test.each(cases)('%s', (_, tree, message) => {
    expect(refusal(tree)).toContain(message);
  });

  test('all of it at once', () => {
    expect(refusal({ a: 1, gateway: { b: 1, mode: 'x' } }).split('\n')).toHaveLength(3);
  });

  test('all of it at once, whoever finds it: variables, flags, keys that are not there, values', () => {
    const tree = {
      gateway: { listn: 'x', publicUrl: '${MISSING_URL}', auth: { apiKeys: [{ name: 'ci', key: '${SHORT}' }] } },
      mcpServers: { s: { command: 'x', env: { TOKEN: '${MISSING}' } } },
    };
    const said = refusal(tree, { flags: { 'shutdown-timeout': 'soon' }, environment: { SHORT: 'hush' } }).split('\n');
    expect(said).toHaveLength(5);
    expect(said[0]).toMatch(/^lockgate\.json:\d+:\d+: gateway\.publicUrl: the variable "MISSING_URL" is not defined/);
    expect(said[1]).toMatch(/mcpServers\.s\.env\.TOKEN: the variable "MISSING" is not defined/);
    expect(said[2]).toBe('--shutdown-timeout: expected a time such as 500ms, 10s or 2m, got "soon"');
    expect(said[3]).toMatch(/apiKeys\[0\]\.key: a key has at least 32 characters; `lockgate config key` makes one$/);
    expect(said[4]).toMatch(/gateway\.listn: there is no such key; did you mean "listen"\?/);
    expect(said.join()).not.toContain('hush');
  });

  test('a flag or variable by its own name', () => {
    expect(refusal({}, { flags: { 'shutdown-timeout': 'soon' } })).toContain(
      '--shutdown-timeout: expected a time such as',
    );
    expect(refusal({}, { environment: { MCP_GATEWAY_MODE: 'x' } })).toContain(
      'MCP_GATEWAY_MODE: expected "unified" or "routed", got "x"',
    );
  });

  test('without showing a secret', () => {
    const tree = {
      plugins: { p: { path: 'p', settings: { token: ['hush-hush-1'] } } },
      mcpServers: { s: { command: 'a', headers: 'hush-hush-2' } },
    };
    expect(refusal(tree)).not.toContain('hush-hush-1');
    const keyed = { gateway: { auth: { apiKeys: [{ name: 'a', hash: 'hush-hush-3' }] } } };
    expect(refusal(keyed)).not.toContain('hush-hush-3');
  });
});

test('the secret of the console’s client comes from a variable and is shown nowhere, and --console leaves it there', () => {
  const tree = { gateway: { console: { oidc: { ...OIDC, clientSecret: '${OIDC_SECRET}' } } } };
  const environment = { OIDC_SECRET: 'secret-of-the-client' };
  const { config, secrets } = resolveTree(tree, { environment, flags: { console: 'true' } });
  expect(config.gateway.console).toMatchObject({ oidc: { clientSecret: 'secret-of-the-client', scopes: [] } });
  expect(secrets).toContain('secret-of-the-client');
  expect(secrets).not.toContain('lockgate');
  expect(resolveTree(tree, { environment, flags: { console: 'false' } }).config.gateway.console).toBe(false);
  for (const issuer of [
    'http://localhost:8080/realms/main',
    'http://127.0.0.1',
    'http://[::1]:1',
    'https://a.test/b',
  ]) {
    expect(() => resolveTree({ gateway: { console: { oidc: { ...OIDC, issuer } } } })).not.toThrow();
  }
});
