import { backendGuard } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';
import { moduleFiles } from '../guarded-files.ts';
import { Browser, linkIn } from './browser.ts';
import { as, keyOf, loginGateway } from './login-gateway.ts';

const whoami = { name: 'any__whoami', arguments: {} };

/** Logs a caller in at the address that its own call has named. */
async function logIn(url: string, name: string, tools: readonly string[] = ['any__whoami']): Promise<void> {
  await using client = await connect(url, 'modern', as(name));
  const said = textOf(await client.callTool({ name: 'any__connect', arguments: {} }));
  const page = await new Browser().logIn(linkIn(said), { key: keyOf(name) }, name);
  expect(page.text).toContain('You are logged in');
  await expect.poll(async () => (await client.listTools()).tools.map((tool) => tool.name).toSorted()).toEqual(tools);
}

describe('a server that each caller has a login of its own for', () => {
  test('is asked with the login of who calls, and by who has none not at all', async () => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server, { names: ['alice', 'bob', 'carol'] });
    await logIn(opened.url, 'alice');
    await logIn(opened.url, 'bob');
    for (const era of ['legacy', 'modern'] as const) {
      for (const name of ['alice', 'bob']) {
        await using client = await connect(opened.url, era, as(name));
        expect(textOf(await client.callTool(whoami))).toBe(name);
      }
      await using carol = await connect(opened.url, era, as('carol'));
      expect((await carol.listTools()).tools.map(({ name }) => name)).toEqual(['any__connect']);
    }
    expect(opened.gateway.status().upstreams).toMatchObject([{ name: 'any', state: 'running' }]);
    expect(new Set(server.seen.map(({ user }) => user))).toEqual(new Set(['alice', 'bob']));
  });

  test('is asked by its guard with the login of who calls, and by nobody else’s where they have none', async () => {
    await using server = await serveLogin({ readTool: true });
    const { guard } = moduleFiles({ guard: backendGuard() });
    await using opened = await loginGateway(server, {
      names: ['alice', 'bob', 'carol'],
      entry: { guard: 'asks' },
      more: { guards: { asks: { path: guard, instances: { min: 1, max: 1 } } } },
    });
    const tools = ['any__read', 'any__whoami'];
    await logIn(opened.url, 'alice', tools);
    await logIn(opened.url, 'bob', tools);
    const calls = ['alice', 'bob', 'alice', 'carol'];
    await Promise.all(
      calls.map(async (name) => {
        await using client = await connect(opened.url, 'modern', as(name));
        await client.callTool(whoami);
      }),
    );
    const asked = server.seen.filter(({ tool }) => tool === 'read').map(({ user }) => user);
    expect(asked.toSorted()).toEqual(['alice', 'alice', 'bob']);
  });

  test('refuses who shows nothing, and says what to do', async () => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server, { names: [] });
    await using client = await connect(opened.url);
    const result = await client.callTool({ name: 'any__connect', arguments: {} });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('the gateway does not know who you are');
    expect(server.seen).toEqual([]);
  });

  test('keeps its tools and says where to log in once the authorization server has ended the login; its breaker stays closed', async () => {
    await using server = await serveLogin();
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (facts: object, text: string) => void warnings.push({ ...facts, text }) };
    await using opened = await loginGateway(server, { logger });
    await logIn(opened.url, 'alice');
    await using client = await connect(opened.url, 'modern', as('alice'));
    server.faults.refresh = 'revoked';
    server.expireAll();
    for (let call = 0; call < 8; call++) {
      const result = await client.callTool(whoami);
      expect(result).toMatchObject({ isError: true, _meta: { 'dev.lockgate/error': 'GATEWAY_LOGIN_REQUIRED' } });
    }
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['any__whoami']);
    expect(server.refreshes()).toBe(1);
    const holder = '["api-key","alice"]';
    const text = 'a login has ended: its authorization server takes it no longer';
    expect(warnings.filter((one) => (one as { text: string }).text === text)).toEqual([
      { server: 'any', holder, text },
    ]);
    server.faults.refresh = 'good';
    const page = await new Browser().logIn(linkIn(textOf(await client.callTool(whoami))), { key: keyOf('alice') });
    expect(page.text).toContain('You are logged in');
    expect(textOf(await client.callTool(whoami))).toBe('alice');
  });

  test('loses no login by an outage of the authorization server', async () => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server);
    await logIn(opened.url, 'alice');
    await using client = await connect(opened.url, 'modern', as('alice'));
    server.faults.refresh = 500;
    server.expireAll();
    const result = await client.callTool(whoami);
    expect(result).toMatchObject({ isError: true });
    expect(textOf(result)).toContain('it is kept. Try later');
    server.faults.refresh = 'good';
    await expect.poll(async () => textOf(await client.callTool(whoami))).toBe('alice');
  });

  test('loses no login where the answer to a renewal is lost', async () => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server);
    await logIn(opened.url, 'alice');
    await using client = await connect(opened.url, 'modern', as('alice'));
    server.faults.refresh = 'lost';
    server.expireAll();
    expect(textOf(await client.callTool(whoami))).toBe('alice');
    expect(server.refreshes()).toBe(2);
  });

  test('asks for more when the server does, for all scopes together, and not again for the same', async () => {
    await using server = await serveLogin();
    await using opened = await loginGateway(server);
    await logIn(opened.url, 'alice');
    await using client = await connect(opened.url, 'modern', as('alice'));
    server.faults.needs = ['admin'];
    const said = textOf(await client.callTool(whoami));
    const page = await new Browser().submit(linkIn(said), { key: keyOf('alice') });
    expect(page.text).toContain('<code>read</code> <code>admin</code>');
    await new Browser().logIn(linkIn(said), { key: keyOf('alice') });
    expect(textOf(await client.callTool(whoami))).toBe('alice');
    expect(server.registrations.every(({ scope }) => String(scope).includes('write'))).toBe(true);
    // One that was asked for and is refused all the same is the server's last word.
    server.faults.needs = ['admin', 'nothing-gives-this'];
    const again = new Browser();
    await again.logIn(linkIn(textOf(await client.callTool(whoami))), { key: keyOf('alice') });
    server.faults.needs = ['given-to-nobody'];
    expect(textOf(await client.callTool(whoami))).toContain('/connect/');
  });

  test('asks for nothing that stands in a refused call alone, where a guard says who may know what a call says', async () => {
    await using server = await serveLogin({ readTool: true });
    const { guard } = moduleFiles({ guard: backendGuard() });
    const more = { guards: { asks: { path: guard } } };
    await using opened = await loginGateway(server, { entry: { guard: 'asks' }, more });
    await logIn(opened.url, 'alice', ['any__read', 'any__whoami']);
    await using client = await connect(opened.url, 'modern', as('alice'));
    server.faults.needs = ['write', 'of-a-secret'];
    const said = textOf(await client.callTool({ name: 'any__read', arguments: {} }));
    const page = await new Browser().submit(linkIn(said), { key: keyOf('alice') });
    expect(page.text).toContain('<code>read</code> <code>write</code>');
    expect(page.text).not.toContain('of-a-secret');
  });
});
