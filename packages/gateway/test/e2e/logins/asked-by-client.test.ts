import { expect, test } from 'vitest';
import { serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';
import { Browser } from './browser.ts';
import { sharedLoginGateway } from './login-gateway.ts';

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

test('who declines is told the address all the same', async () => {
  await using server = await serveLogin();
  await using opened = await sharedLoginGateway(server);
  await using client = await connect(opened.url, 'legacy', {}, { elicitation: { url: {} } });
  client.setRequestHandler('elicitation/create', async () => ({ action: 'decline' }));
  const result = await client.callTool({ name: 'any__connect', arguments: {} });
  expect(textOf(result)).toContain('/connect/');
});
