import { describe, expect, test } from 'vitest';
import { configNotes } from '../../src/config/notes.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

const notes = (file: LockgateFile): readonly string[] => configNotes(configSchema.parse(file));
const guards = { g: { path: 'g.wasm' } };
const plain = { a: { command: 'a' } };

describe('notes on a configuration', () => {
  test('name the servers without a guard, all in one, as soon as any has one', () => {
    const two = { ...plain, b: { command: 'b' } };
    expect(notes({ mcpServers: two })).toEqual([]);
    const guarded = { ...two, a: { command: 'a', guard: 'g' } };
    expect(notes({ mcpServers: guarded, plugins: { p: { path: 'p' } }, guards })).toEqual([
      expect.stringContaining('plugins.p, mcpServers.b have no guard: what has none counts as the public internet'),
    ]);
    expect(notes({ mcpServers: guarded, guards })).toEqual([expect.stringContaining('mcpServers.b has no guard: ')]);
  });

  test('name the tools that only the configuration could describe, and does not', () => {
    const exports = { a: {}, b: { description: 'Counts' }, c: { description: ' ' } };
    const plugins = { vowels: { path: 'v.wasm', exports }, off: { path: 'v.wasm', exports, disabled: true } };
    expect(notes({ plugins })).toEqual([
      'plugins.vowels: no "description" stands at "a", "c", and models choose a tool by what it says: add one',
    ]);
  });

  test('name the guests that run in the thread of the gateway, where nothing can end them', () => {
    const isolation = 'inline' as const;
    const plugins = { quick: { path: 'q.wasm', isolation }, plain: { path: 'p.wasm' } };
    const off = { off: { path: 'o.wasm', isolation, disabled: true } };
    expect(notes({ plugins: { ...off, plain: plugins.plain } })).toEqual([]);
    expect(notes({ plugins: { ...plugins, ...off } })).toEqual([
      `plugins.quick runs in the gateway's own thread ("isolation": "inline"), where everybody waits while a guest computes, and nothing can end one that never stops; take "isolation" out ` +
        'unless you trust its code',
    ]);
    const guards = { g: { path: 'g.wasm', isolation } };
    expect(notes({ plugins: { quick: { ...plugins.quick, guard: 'g' } }, guards })).toEqual([
      expect.stringContaining('plugins.quick, guards.g run in'),
    ]);
  });

  test('name the credentials that no role limits, and patterns of nothing, once there is a role', () => {
    const key = (name: string, more: object) => ({ name, key: name.repeat(32), ...more });
    const auth = {
      apiKeys: [
        key('r', { roles: ['some'] }),
        key('f', {}),
        key('a', { admin: 'viewer' as const }),
        key('p', { profile: 'part' }),
      ],
    };
    expect(
      notes({
        gateway: { auth },
        mcpServers: plain,
        profiles: { part: {} },
        roles: { some: { tools: { allow: ['a/*', 'b*/x'] } } },
      }),
    ).toEqual([
      'gateway.auth: apiKeys[1] ("f") has no "roles" and may use everything it sees',
      'roles.some.tools.allow[1] can never match: nothing that is configured is named "b*"',
    ]);
  });

  test('name the servers that each caller logs in to, where nobody is asked who they are', () => {
    const mcpServers = { mail: { url: 'https://mail.test/mcp', credential: 'user' as const } };
    expect(notes({ mcpServers })).toEqual([expect.stringMatching(/^mcpServers\.mail\.credential: .*"gateway\.auth"/)]);
    expect(notes({ mcpServers, gateway: { auth: { apiKeys: [{ name: 'k', key: 'k'.repeat(40) }] } } })).toEqual([]);
  });

  test('name servers, tools and principals of roles, profiles and limits that nobody has', () => {
    const apiKeys = [{ name: 'ci', key: 'k'.repeat(40), roles: ['some'] }];
    const jwt = { issuer: 'https://as.test', audience: 'a', roles: { values: {} } };
    const principals = ['ci', 'cii', 'jwt:*', 'j*', '*', 'oidc:me', 'cert:x', 'anonymous', 'stdio'];
    const file: LockgateFile = {
      mcpServers: { a: { command: 'a', tools: ['get_*', 'put'] }, b: { command: 'b' } },
      roles: { some: { tools: { allow: ['a/get_x', 'a/pot', 'a/p*', 'a/x*', '*/pot'], deny: ['c/*'] } } },
      profiles: { part: { servers: ['a', 'aa'], tools: { deny: ['a/pot'] } } },
      limits: { few: { calls: 1, per: 'day', tools: ['a/put', 'a/pot', '*'], principals } },
    };
    const hidden = 'can never match: the "tools" of "a" serve no tool of this name';
    const known = (more = '') => `(known: ci, stdio${more})`;
    expect(notes({ ...file, gateway: { auth: { apiKeys, jwt } } })).toEqual([
      `roles.some.tools.allow[1] ${hidden}`,
      'roles.some.tools.deny[0] can never match: nothing that is configured is named "c"; did you mean "a"?',
      `profiles.part.tools.deny[0] ${hidden}`,
      'profiles.part.servers[1] names "aa", which is not configured; did you mean "a"?',
      `limits.few.tools[1] ${hidden}`,
      `limits.few.principals[1] can never match: nobody has the name "cii"; did you mean "ci"? ${known()}`,
      `limits.few.principals[6] can never match: nobody has the name "cert:x" ${known()}`,
      `limits.few.principals[7] can never match: nobody has the name "anonymous" ${known()}`,
    ]);
    const ofTokens = notes({ ...file, limits: { few: { calls: 1, per: 'day', principals: ['jwt:*', 'anonymous'] } } });
    expect(ofTokens.at(-1)).toBe(
      'limits.few.principals[0] can never match: nobody has the name "jwt:*" (known: stdio, anonymous)',
    );
  });

  test('name the servers whose guard is missing from the folder of guards, and those that want none', () => {
    const sinkPolicy = { 'write-sink': { accept: [] } };
    const mcpServers = {
      a: { command: 'a' },
      b: { command: 'b', guard: false as const },
      c: { command: 'c', 'guard-policies': sinkPolicy },
    };
    expect(notes({ gateway: { wasmGuardsDir: '/g' }, mcpServers, plugins: { p: { path: 'p' } } })).toEqual([
      expect.stringContaining('every call of plugins.p, mcpServers.a is denied: no guard is in /g/p, /g/a; put'),
    ]);
  });

  const sink = (accept: string[], visibility?: 'public') => ({
    mcpServers: { s: { command: 's', 'guard-policies': { 'write-sink': { accept, 'sink-visibility': visibility } } } },
  });

  test.each<[string, LockgateFile, string]>([
    [
      'a limit on a hidden tool',
      { mcpServers: { s: { command: 's', tools: ['a*'], 'tool-call-limits': { b: 1, ab: 1 } } } },
      'tool-call-limits.b can never match',
    ],
    ['tags of a public sink', sink(['x'], 'public'), 'write-sink.accept can never match'],
    ['tags beside "*"', sink(['*', 'x']), 'its other tags mean nothing'],
    [
      'a key for a server that is not there',
      { gateway: { auth: { apiKeys: [{ name: 'a', key: 'k'.repeat(32), servers: ['x'] }] } }, mcpServers: plain },
      'gateway.auth.apiKeys[0].servers names "x"',
    ],
    ['a list of no tools', { mcpServers: { s: { command: 's', tools: [] } } }, 'mcpServers.s.tools is empty'],
    [
      'a prefix of two',
      { mcpServers: { a: { command: 'a' } }, plugins: { p: { path: 'p', prefix: 'a' } } },
      'plugins.p, mcpServers.a have the prefix "a" in common: a tool that two of them have is served as "a__tool" and "a__tool_2"',
    ],
    [
      'an approval rule for a server that is not there',
      { gateway: { approvals: [{ tools: ['x/*', '*/y'], require: 'client' }] }, mcpServers: plain },
      'gateway.approvals[0].tools[0] can never match',
    ],
    [
      'an approval rule for a role that is not there',
      { gateway: { approvals: [{ tools: ['*'], roles: ['x'], require: 'client' }] }, mcpServers: plain },
      'gateway.approvals[0].roles[0] can never match: there is no role "x"',
    ],
    [
      'an approval rule about secrecy where nothing is secret',
      { gateway: { approvals: [{ tools: ['*'], secrecy: ['*'], require: 'client' }] }, mcpServers: plain },
      'gateway.approvals[0].secrecy can never match',
    ],
    ['a guard that nobody names', { guards, mcpServers: plain }, 'guards.g guards nothing'],
  ])('tell of %s', (_, file, note) => {
    expect(notes(file)).toEqual([expect.stringContaining(note)]);
  });
});
