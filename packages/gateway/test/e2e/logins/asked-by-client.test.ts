import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';
import { guardFile } from '../guarded-files.ts';
import { Browser, linkIn } from './browser.ts';
import { as, keyOf, loginGateway, sharedLoginGateway } from './login-gateway.ts';

test.each(['legacy', 'modern'] as const)(
  'a %s client that opens addresses for its user is asked to, and the call goes on once somebody has logged in',
  async (era) => {
    await using server = await serveLogin();
    await using opened = await sharedLoginGateway(server);
    const asked: unknown[] = [];
    await using client = await connect(opened.url, era, {}, { elicitation: { url: {} } });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      asked.push(params);
      void new Browser().logIn((params as { url: string }).url);
      return { action: 'accept' };
    });
    const connected = await client.callTool({ name: 'any__connect', arguments: {} });
    expect(textOf(connected)).toBe('You are logged in to "any": its tools are in the list now.');
    await expect.poll(async () => (await client.listTools()).tools.map(({ name }) => name)).toEqual(['any__whoami']);
    // And again where the login has ended between two calls.
    server.faults.refresh = 'revoked';
    server.expireAll();
    expect(textOf(await client.callTool({ name: 'any__whoami', arguments: {} }))).toBe('alice');
    expect(asked).toHaveLength(2);
    expect(asked.slice(0, 1)).toEqual([
      expect.objectContaining({ mode: 'url', url: expect.stringContaining('/connect/') }),
    ]);
  },
);

test.each(['legacy', 'modern'] as const)(
  'a %s client with a login of its own is asked at its first call, before anything was tried for it',
  async (era) => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server, { names: ['alice', 'bob'] });
    for (const [who, name] of [
      ['alice', 'any__connect'],
      ['bob', 'any__whoami'],
    ] as const) {
      let asked = 0;
      await using client = await connect(opened.url, era, as(who), { elicitation: { url: {} } });
      client.setRequestHandler('elicitation/create', async ({ params }) => {
        asked++;
        void new Browser().logIn((params as { url: string }).url, { key: keyOf(who) }, who);
        return { action: 'accept' };
      });
      const result = await client.callTool({ name, arguments: {} });
      expect([textOf(result), asked]).toEqual([
        name === 'any__whoami' ? who : 'You are logged in to "any": its tools are in the list now.',
        1,
      ]);
    }
  },
);

test('behind a guard a login is asked for where the guard has a rule for it, and denied by name where it has none', async () => {
  await using server = await serveLogin();
  const guardedBy = (calls: readonly object[]) =>
    loginGateway(server, {
      names: ['alice'],
      entry: { guard: 'labels', 'guard-policies': { 'allow-only': { rules: { mode: 'strict', calls } } } },
      more: { guards: { labels: { path: guardFile('label-config') } } },
    });
  for (const [calls, told] of [
    [[{ tool: 'connect', operation: 'read' }], /^Server "any" needs a login: open http/],
    [[{ tool: 'whoami', operation: 'read' }], /connect/],
  ] as const) {
    await using opened = await guardedBy(calls);
    for (const era of ['legacy', 'modern'] as const) {
      await using client = await connect(opened.url, era, as('alice'));
      const answer = textOf(await client.callTool({ name: 'any__connect', arguments: {} }));
      expect(answer).toMatch(told);
      expect(answer.includes('/connect/')).toBe(calls[0].tool === 'connect');
    }
  }
});

test('who declines is told the address all the same', async () => {
  await using server = await serveLogin();
  await using opened = await sharedLoginGateway(server);
  await using client = await connect(opened.url, 'legacy', {}, { elicitation: { url: {} } });
  client.setRequestHandler('elicitation/create', async () => ({ action: 'decline' }));
  const result = await client.callTool({ name: 'any__connect', arguments: {} });
  expect(textOf(result)).toContain('/connect/');
});

test('a call that goes on once somebody has logged in is of the tool that its client named, and of none that is withheld', async () => {
  await using server = await serveLogin();
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-late-'));
  const pins = { mode: 'manual', file: join(folder, 'pins.json') };
  await using opened = await loginGateway(server, { names: ['alice', 'bob'], pins });
  for (const [who, path, name] of [
    ['alice', '', 'any__whoami'],
    ['bob', '/any', 'whoami'],
  ] as const) {
    await using client = await connect(`${opened.url}${path}`, 'legacy', as(who), { elicitation: { url: {} } });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      void new Browser().logIn((params as { url: string }).url, { key: keyOf(who) }, who);
      return { action: 'accept' };
    });
    const result = await client.callTool({ name, arguments: {} });
    expect(textOf(result)).toBe(
      'The tool whoami of server "any" is withheld: nobody has approved it yet. Nothing was called. Whoever runs the gateway sees and approves it with: lockgate pins.',
    );
  }
  expect(server.seen.filter(({ tool }) => tool !== undefined)).toEqual([]);
  await rm(folder, { recursive: true });
});

test.each(['shared', 'user'])(
  'what the gateway offers before a login is not what pins see of the server first (%s)',
  async (credential) => {
    await using server = await serveLogin();
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-first-'));
    const pins = { mode: 'first-use', file: join(folder, 'pins.json') };
    await using opened = await loginGateway(server, { names: ['alice'], pins, entry: { credential } });
    await using client = await connect(opened.url, 'modern', as('alice'));
    const listed = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await listed()).toEqual(['any__connect']);
    const said = textOf(await client.callTool({ name: 'any__connect', arguments: {} }));
    await new Browser().logIn(linkIn(said), { key: keyOf('alice') });
    await expect.poll(listed).toEqual(['any__whoami']);
    expect(await opened.gateway.pins.report()).toMatchObject({ pinned: 1, withheld: [] });
    await rm(folder, { recursive: true });
  },
);
