import { expect, test } from 'vitest';
import { explainPermission, principalOf } from '../../src/access/explain-permission.ts';
import { formatPlace } from '../../src/config/place.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { OpenedConsole } from './open-console.ts';

const KEY = `never-shown-${'k'.repeat(40)}`;
const HASH = `sha256:${'ab'.repeat(32)}`;

const FILE: LockgateFile = {
  gateway: {
    auth: {
      apiKeys: [
        { name: 'ci', key: KEY, roles: ['reader'] },
        { name: 'bot', hash: HASH, roles: ['reader', 'writer'], servers: ['github'] },
        { name: 'editor', key: `${KEY}2`, profile: 'coding' },
        { name: 'viktor', key: `${KEY}3`, admin: 'viewer' },
      ],
      jwt: {
        issuer: 'https://as.test',
        audience: 'a',
        roles: { values: { staff: ['reader'] } },
        profile: { claim: 'groups', values: { staff: 'coding' } },
      },
    },
  },
  roles: {
    reader: { tools: { allow: ['github/get_*', 'notes/*'] }, resources: { allow: ['notes/*'] } },
    writer: { tools: { allow: ['github/*'], deny: ['*/delete_*'] }, profiles: ['coding'] },
  },
  profiles: { coding: { servers: ['github'], discovery: 'search' } },
  mcpServers: { github: { command: 'none', disabled: true }, notes: { command: 'none', tools: ['add'] } },
};

test('a viewer reads who comes in and what roles and profiles open, and no secret', async () => {
  await using console = await OpenedConsole.open(FILE);
  const viewer = await console.signIn({ key: `${KEY}3` });
  const { body, text } = await viewer.ask('access');
  expect(text).not.toMatch(/never-shown|sha256|abab/);
  expect(body.isOpen).toBe(false);
  expect(body.principals).toMatchObject([
    { name: 'ci', roles: ['reader'] },
    { name: 'bot', roles: ['reader', 'writer'], servers: ['github'] },
    { name: 'editor', profile: 'coding' },
    { name: 'viktor', admin: 'viewer' },
    { name: 'claim:staff', roles: ['reader'], profile: 'coding' },
    { name: 'stdio' },
  ]);
  expect(body.roles).toMatchObject([
    { name: 'reader', of: ['ci', 'bot', 'claim:staff'] },
    { name: 'writer', of: ['bot'], tools: { deny: ['*/delete_*'] }, profiles: ['coding'] },
  ]);
  expect(body.profiles).toMatchObject([
    { name: 'coding', path: '/mcp/@coding', limits: ['editor', 'claim:staff'], roles: ['writer'], discovery: 'search' },
  ]);
});

test('who may use what is answered as the command line does, for everybody and everything', async () => {
  await using console = await OpenedConsole.open(FILE);
  const viewer = await console.signIn({ key: `${KEY}3` });
  const config = configSchema.parse(FILE);
  for (const principal of ['ci', 'bot', 'editor', 'viktor', 'claim:staff', 'claim:none', 'stdio']) {
    const who = principalOf(config, principal) ?? expect.fail(principal);
    for (const [kind, server, name] of [
      ['tool', 'github', 'get_issue'],
      ['tool', 'notes', 'add'],
      ['tool', 'notes', 'delete_all'],
      ['resource', 'notes', 'file:///x'],
      ['tool', 'nowhere', 'x'],
    ] as const) {
      const { allowed, place, because } = explainPermission(config, who, kind, server, name);
      const { body } = await viewer.ask('access/explain', {
        method: 'POST',
        body: { principal, kind, item: `${server}/${name}` },
      });
      expect(body).toEqual({
        allowed,
        because,
        text: `${principal} may ${allowed ? '' : 'not '}use the ${kind} "${name}" of "${server}"`,
        ...(place && { place: formatPlace(place) }),
      });
    }
  }
  const at = { principal: 'viktor', item: 'notes__add', profile: 'coding' };
  const { body } = await viewer.ask('access/explain', { method: 'POST', body: at });
  expect(body).toMatchObject({ allowed: false, place: 'profiles.coding.servers' });
});

test.each([
  [{}, 400, '"principal" is missing'],
  [{ principal: 'ci', item: 5 }, 400, '"item" is missing'],
  [{ principal: 'ci', item: 'x' }, 400, 'This is no tool: write "server/name"'],
  [{ principal: 'ci', item: 'a/b', kind: 'root' }, 400, '"kind" is one of tool, resource, prompt'],
  [{ principal: 'nobody', item: 'a/b' }, 404, 'Nobody has this name'],
  [{ principal: 'ci', item: 'a/b', profile: 'toString' }, 404, 'There is no profile'],
])('the question %j is refused with %d, and what is wrong', async (body, status, words) => {
  await using console = await OpenedConsole.open(FILE);
  const viewer = await console.signIn({ key: `${KEY}3` });
  const told = await viewer.ask('access/explain', { method: 'POST', body });
  expect(told.status).toBe(status);
  expect(told.body.error.message).toContain(words);
});
