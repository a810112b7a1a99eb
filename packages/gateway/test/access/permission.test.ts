import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Permissions } from '../../src/access/permissions.ts';
import type { ItemKind, ItemPatterns } from '../../src/config/item-patterns.ts';
import { formatPlace } from '../../src/config/place.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Caller } from '../../src/protocol/peer.ts';
import { fitsExpression } from '../config/fits-expression.ts';

type Patterns = Readonly<Record<'tools' | 'resources' | 'prompts', ItemPatterns>>;
type Roles = Readonly<Record<string, Patterns & { readonly profiles: readonly string[] }>>;
type Profiles = Readonly<Record<string, Patterns & { readonly servers?: readonly string[] | undefined }>>;
interface Asked {
  readonly kind: ItemKind;
  readonly server: string;
  readonly name: string;
  readonly tools?: readonly string[] | undefined;
}

/** The rules as docs/permissions.md has them, in as few words as possible. */
function model(roles: Roles, profiles: Profiles, caller: Caller, at: string | undefined, asked: Asked): boolean {
  const { kind, server, name, tools } = asked;
  const means = (pattern: string): boolean => {
    if (pattern === '*') return true;
    const [servers = '', ...names] = pattern.split('/');
    return fitsExpression(servers, server) && fitsExpression(names.join('/'), name);
  };
  const isIn = (profile: string): boolean => {
    const of = profiles[profile];
    if (!of || (of.servers && !of.servers.includes(server))) return false;
    return !of[`${kind}s`].deny.some(means) && of[`${kind}s`].allow.some(means);
  };
  if (caller.servers && !caller.servers.includes(server)) return false;
  if (kind === 'tool' && tools && !tools.some((tool) => fitsExpression(tool, name))) return false;
  if (at !== undefined && !isIn(at)) return false;
  if (caller.profile !== undefined && !isIn(caller.profile)) return false;
  if (!caller.roles) return true;
  const mine = caller.roles.flatMap((role) => roles[role] ?? []);
  if (mine.some((role) => role[`${kind}s`].deny.some(means))) return false;
  return mine.some((role) => role[`${kind}s`].allow.some(means) || role.profiles.some(isIn));
}

const SERVERS = ['git', 'github', 'notes'];
const NAMES = ['get', 'get_all', 'delete', 'a/b'];
const ROLES = ['one', 'two', 'three'];
const server = fc.constantFrom(...SERVERS);
const name = fc.constantFrom(...NAMES);
const pattern = fc.oneof(
  fc.constant('*'),
  fc
    .tuple(
      fc.constantFrom(...SERVERS, 'git*', '*', '*hub', 'g*b'),
      fc.constantFrom(...NAMES, 'get*', '*', '*e*', '*/b'),
    )
    .map((halves) => halves.join('/')),
);
const patterns = fc.record({
  allow: fc.array(pattern, { maxLength: 3 }),
  deny: fc.array(pattern, { maxLength: 1 }),
});
const PROFILES = ['some', 'other'];
const profileName = fc.option(fc.constantFrom(...PROFILES, 'gone'), { nil: undefined, freq: 2 });
const all = { tools: patterns, resources: patterns, prompts: patterns };
const role = fc.record({ ...all, profiles: fc.subarray(PROFILES) });
const profile = fc.record({ ...all, servers: fc.option(fc.subarray(SERVERS), { nil: undefined }) });
const rights = fc.record({
  servers: fc.option(fc.subarray(SERVERS), { nil: undefined }),
  roles: fc.option(fc.subarray([...ROLES, 'gone']), { nil: undefined }),
  profile: profileName,
  at: profileName,
});
const question = fc.record({
  kind: fc.constantFrom<ItemKind>('tool', 'resource', 'prompt'),
  server,
  name,
  tools: fc.option(fc.subarray([...NAMES, 'get*']), { nil: undefined }),
});

test('100,000 random decisions are those of the model, and what allows anything of a server opens it', () => {
  let decisions = 0;
  let allowed = 0;
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...ROLES), role, { noNullPrototype: true }),
      fc.dictionary(fc.constantFrom(...PROFILES), profile, { noNullPrototype: true, minKeys: 1 }),
      fc.array(rights, { minLength: 4, maxLength: 4 }),
      fc.array(question, { minLength: 25, maxLength: 25 }),
      (roles, profiles, callers, questions) => {
        const permissions = new Permissions({ roles, profiles });
        for (const { at, ...of } of callers) {
          const caller = { name: 'me', ...of };
          const permission = permissions.of(caller, at);
          for (const asked of questions) {
            const found = permission.allows(asked.kind, { name: asked.server, tools: asked.tools }, asked.name);
            expect(found, JSON.stringify({ at, caller, asked })).toBe(model(roles, profiles, caller, at, asked));
            if (found) expect(permission.opens(asked.server)).toBe(true);
            decisions++;
            if (found) allowed++;
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
  expect(decisions).toBe(100_000);
  // Neither answer is rare, or the test would show little.
  expect(Math.min(allowed, decisions - allowed)).toBeGreaterThan(3_000);
});

describe('a rule says which pattern decided', () => {
  const { roles } = configSchema.parse({
    roles: {
      reader: { tools: { allow: ['x/none', 'github/get_*'] } },
      careful: { tools: { allow: ['*'], deny: ['*/delete_*'] } },
    },
  });
  const permissions = new Permissions({ roles, profiles: {} });
  test.each([
    ['get_issue', true, 'roles.reader.tools.allow[1]'],
    ['delete_repo', false, 'roles.careful.tools.deny[0]'],
    ['create_issue', true, 'roles.careful.tools.allow[0]'],
  ])('%s', (tool, allowed, place) => {
    const permission = permissions.of({ name: 'me', roles: ['reader', 'careful'] });
    const found = permission.rule('tool', { name: 'github' }, tool);
    expect([found.allowed, found.rule.of === 'file' && formatPlace(found.rule.place)]).toEqual([allowed, place]);
  });

  test('callers of equal rights share a permission, until the rules change', () => {
    const before = permissions.of({ name: 'a', roles: ['reader'] });
    expect(permissions.of({ name: 'b', roles: ['reader'] })).toBe(before);
    expect(permissions.of({ name: 'b', roles: ['careful'] })).not.toBe(before);
    permissions.replace({ roles: structuredClone(roles), profiles: {} });
    expect(permissions.of({ name: 'a', roles: ['reader'] })).toBe(before);
    permissions.replace({ roles: {}, profiles: {} });
    expect(permissions.of({ name: 'a', roles: ['reader'] }).opens('github')).toBe(false);
  });
});

describe('an address that a server may read as another one is judged as both', () => {
  const { roles } = configSchema.parse({
    roles: {
      home: { resources: { allow: ['files/file:///home/*', 'files/file:///a%20b'], deny: ['*/file:///home/secret*'] } },
      web: { resources: { allow: ['*'], deny: ['*/https://Example.com/private/*'] } },
    },
  });
  const allows = (role: string, uri: string): boolean =>
    new Permissions({ roles, profiles: {} })
      .of({ name: 'me', roles: [role] })
      .allows('resource', { name: 'files' }, uri);
  test.each([
    ['home', 'file:///home/a', true],
    ['home', 'file:///a%20b', true],
    ['home', 'file:///home/%61', true],
    ['home', 'file:///home/../etc/passwd', false],
    ['home', 'file:///home/%2e%2e/etc/passwd', false],
    ['home', 'file:///home/%252e%252e/etc/passwd', false],
    ['home', 'file:///home/x/..%2f..%2fetc', false],
    ['home', 'file:///home/x\\..\\..\\etc', false],
    ['home', 'FILE:///home/secret', false],
    ['home', 'file:///home/secret', false],
    ['home', 'file:///home/%73ecret/x', false],
    ['home', 'file:///home/./secret', false],
    ['home', 'file:///home//../secret', false],
    ['home', 'file:////home/secret', false],
    ['home', 'file:///home//secret', false],
    ['home', 'file:///home/%2fsecret', false],
    ['home', 'file:///home//a', true],
    ['home', 'file:///home/?/../../etc/passwd', false],
    ['home', 'file:///home/#/../../etc/passwd', false],
    ['home', 'file:///home/%3f/..%2f../etc/passwd', false],
    ['home', 'file:///home/?/../secret', false],
    ['home', 'file:///home/a?next=/../b', true],
    ['web', 'https://example.com/public', true],
    ['web', 'https://example.com/private/x', false],
    ['web', 'https://EXAMPLE.com:443/priv%61te/x', false],
    ['web', 'https://example.com//private/x', false],
    ['web', 'https://example.com/?at=https://other.example//a', true],
    ['web', 'https://user@example.com/private/x', false],
    ['web', 'https://me:pw@example.com/private/x', false],
    ['web', 'notes://a/b', true],
  ])('%s: %s', (role, uri, allowed) => {
    expect(allows(role, uri)).toBe(allowed);
  });
});
