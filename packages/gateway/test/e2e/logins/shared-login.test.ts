import { expect, test } from 'vitest';
import { serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';
import { Browser, linkIn } from './browser.ts';
import { sharedLoginGateway } from './login-gateway.ts';

test.each(['legacy', 'modern'] as const)(
  'a server that asks for a login says so by a tool and a link, and shows its tools to a %s client once somebody has logged in',
  async (era) => {
    await using server = await serveLogin();
    await using opened = await sharedLoginGateway(server);
    expect(opened.gateway.status().upstreams).toMatchObject([{ name: 'any', state: 'needs login', tools: 1 }]);
    await using client = await connect(opened.url, era);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['any__connect']);
    const said = textOf(await client.callTool({ name: 'any__connect', arguments: {} }));
    expect(said).toMatch(
      /^Server "any" needs a login: open http:\S+\/connect\/\S+ in a browser to log in, then call again\.$/,
    );
    // A model may know the name of a tool from before.
    const called = await client.callTool({ name: 'any__whoami', arguments: {} });
    expect(called.isError).toBe(true);
    expect(textOf(called)).toContain('/connect/');

    const page = await new Browser().logIn(linkIn(said));
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You are logged in') });
    await expect.poll(async () => (await client.listTools()).tools.map(({ name }) => name)).toEqual(['any__whoami']);
    expect(textOf(await client.callTool({ name: 'any__whoami', arguments: {} }))).toBe('alice');
    expect(server.tokenRequests.map((form) => form.get('resource'))).toEqual([server.url]);
    expect(opened.gateway.status().upstreams).toMatchObject([{ state: 'running', restarts: 0 }]);
  },
);

test('the gateway logs in as itself with client credentials, once for all that is asked at the same moment', async () => {
  await using server = await serveLogin();
  const auth = { type: 'clientCredentials', clientId: 'me', clientSecret: 'itsOwnSecret' };
  await using opened = await sharedLoginGateway(server, { auth });
  await using client = await connect(opened.url);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.callTool({ name: 'any__whoami', arguments: {} })),
  );
  const [first] = answers;
  expect(textOf(first as never)).toBe(`Basic ${Buffer.from('me:itsOwnSecret').toString('base64')}`);
  expect(server.tokenRequests).toHaveLength(1);
  server.expireAll();
  await Promise.all(Array.from({ length: 20 }, () => client.callTool({ name: 'any__whoami', arguments: {} })));
  expect(server.tokenRequests).toHaveLength(2);
});
