import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LoginFaults, serveLogin } from '../../fixtures/login-server.ts';
import { connect, textOf } from '../clients.ts';
import { Browser, hrefIn, linkIn } from './browser.ts';
import { as, keyOf, loginGateway } from './login-gateway.ts';

/** A gateway, and the address at which alice logs in. */
async function linked(faults: Partial<LoginFaults> = {}, options: Parameters<typeof loginGateway>[1] = {}) {
  const server = await serveLogin(faults);
  const opened = await loginGateway(server, options);
  onTestFinished(async () => {
    await opened[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  await using client = await connect(opened.url, 'modern', as('alice'));
  const link = linkIn(textOf(await client.callTool({ name: 'any__connect', arguments: {} })));
  const tools = async (name: string): Promise<readonly string[]> => {
    await using asking = await connect(opened.url, 'modern', as(name));
    return (await asking.listTools()).tools.map((tool) => tool.name);
  };
  return { server, opened, link, tools };
}

/** Goes to the authorization server and stops before its answer is given to the gateway. */
async function answerOf(browser: Browser, link: string, user = 'alice'): Promise<string> {
  const page = await browser.submit(link, { key: keyOf('alice') });
  const response = await fetch(`${hrefIn(page.text)}&as=${user}`, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

const KEY = { key: keyOf('alice') };
const DONE = 'You are logged in';

describe('a login', () => {
  test('is finished once: the same answer again is worth nothing, and neither is its code with another state', async () => {
    const { link } = await linked();
    const browser = new Browser();
    const answer = await answerOf(browser, link);
    expect((await browser.open(answer)).text).toContain(DONE);
    expect(await browser.open(answer)).toMatchObject({
      status: 400,
      text: expect.stringContaining('finished already'),
    });
    const next = new URL(await answerOf(browser, link));
    next.searchParams.set('code', new URL(answer).searchParams.get('code') ?? '');
    expect(await browser.open(next.href)).toMatchObject({
      status: 400,
      text: expect.stringContaining('invalid_grant'),
    });
  });

  test.each([
    ['another issuer (mix-up)', (url: URL) => url.searchParams.set('iss', 'https://attacker.example')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['two issuers', (url: URL) => url.searchParams.append('iss', 'https://attacker.example')],
    ['another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['an error', (url: URL) => url.searchParams.set('error', '<script>alert(1)</script>')],
  ])('is refused where the answer has %s', async (_, change) => {
    const { link, server, tools } = await linked();
    const browser = new Browser();
    const answer = new URL(await answerOf(browser, link));
    change(answer);
    const page = await browser.open(answer.href);
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('<script>');
    expect(server.seen).toEqual([]);
    expect(await tools('alice')).toEqual(['any__connect']);
  });

  test('is not begun by somebody who was sent the address of another', async () => {
    const { link, tools } = await linked();
    const victim = new Browser();
    for (const fields of [{ key: keyOf('bob') }, { key: 'wrong' }, {}, { console: '1' }] as Record<string, string>[]) {
      expect(await victim.submit(link, fields)).toMatchObject({
        status: 403,
        text: expect.stringContaining('Not yours'),
      });
    }
    expect(await tools('alice')).toEqual(['any__connect']);
  });

  test('says nobody who has come by its address whose it is', async () => {
    const { link } = await linked();
    const stranger = new Browser();
    const pages = [await stranger.open(link), await stranger.submit(link, { key: keyOf('bob') })];
    for (const { text } of pages) expect(text).not.toContain('alice');
  });

  test('is not begun by a caller who may no longer use the server', async () => {
    const { link, opened, server } = await linked();
    const alice = { name: 'alice', key: keyOf('alice'), roles: ['none'] };
    await opened.gateway.reconfigure({
      gateway: { listen: '127.0.0.1:0', auth: { apiKeys: [alice] } },
      roles: { none: { tools: { allow: ['other/*'] } } },
      mcpServers: { any: { url: server.url, credential: 'user' } },
    } as never);
    expect(await new Browser().submit(link, KEY)).toMatchObject({ status: 403 });
    expect(server.registrations).toEqual([]);
  });

  test('has ten guesses of a key for one address, and none of them at the console then', async () => {
    const { link, opened } = await linked({}, { operators: ['bob'] });
    const guess = async (key: string): Promise<number> => (await new Browser().submit(link, { key })).status;
    const all = await Promise.all(Array.from({ length: 15 }, (_, index) => guess(`guess-${index}`)));
    expect(all.toSorted()).toEqual([...Array(10).fill(403), ...Array(5).fill(429)]);
    expect(await guess(keyOf('alice'))).toBe(429);
    const origin = opened.base;
    const session = await fetch(`${origin}/console/api/session`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ key: keyOf('bob') }),
    });
    expect(session.status).toBe(429);
  });

  test('that somebody has begun is not finished in the browser of another (grant theft)', async () => {
    const { link, server, tools } = await linked();
    // Alice proves who she is, and sends bob on to the authorization server in her place.
    const answer = await answerOf(new Browser(), link, 'bob');
    const victim = await new Browser().open(answer);
    expect(victim).toMatchObject({ status: 400, text: expect.stringContaining('begun in another browser') });
    expect(server.tokenRequests).toEqual([]);
    expect(await tools('alice')).toEqual(['any__connect']);
  });

  test('is begun by no page of another site, and shown in none', async () => {
    const { link } = await linked();
    for (const origin of ['https://attacker.example', 'http://127.0.0.1:1', 'null']) {
      const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
      const response = await fetch(link, { method: 'POST', headers, body: new URLSearchParams(KEY).toString() });
      expect(response.status).toBe(403);
    }
    const response = await fetch(link);
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('leads nowhere but to the authorization server and back to the gateway (open redirect)', async () => {
    const { link, opened, server } = await linked();
    const page = await new Browser().submit(
      `${link}?redirect_uri=https://attacker.example&returnTo=https://attacker.example`,
      KEY,
    );
    const good = hrefIn(page.text) ?? '';
    expect(new URL(good).origin).toBe(server.issuer);
    expect(new URL(good).searchParams.get('redirect_uri')).toBe(`${opened.base}/oauth/callback`);
    expect(new URL(good).searchParams.get('code_challenge_method')).toBe('S256');
    expect(
      (await fetch(`${opened.base}/oauth/callback?redirect_uri=https://attacker.example`, { redirect: 'manual' }))
        .status,
    ).toBe(400);
  });

  test('of all callers is made by an operator alone, where there is one, or its owner would see what others do (confused deputy)', async () => {
    const options = { entry: { credential: 'shared' }, names: ['alice', 'bob', 'olga'], operators: ['olga'] };
    const { link, tools } = await linked({}, options);
    expect(await new Browser().submit(link, KEY)).toMatchObject({
      status: 403,
      text: expect.stringContaining('an operator'),
    });
    expect((await new Browser().logIn(link, { key: keyOf('olga') }, 'olga')).text).toContain(DONE);
    await expect.poll(() => tools('alice')).toEqual(['any__whoami']);
  });
});

describe('a login is not begun where', () => {
  const inside = 'http://169.254.169.254';
  test.each<[string, Partial<LoginFaults>, string]>([
    [
      'the authorization server does not offer PKCE',
      { metadata: { code_challenge_methods_supported: undefined } },
      '&#34;code_challenge_methods_supported&#34;',
    ],
    ['it offers it in the clear only', { metadata: { code_challenge_methods_supported: ['plain'] } }, 'PKCE'],
    [
      'its metadata is of another',
      { metadata: { issuer: 'https://attacker.example' } },
      'another authorization server',
    ],
    [
      'the metadata of the server is about another',
      { resource: 'https://attacker.example/mcp' },
      'about another server',
    ],
    ['it is inside the network (SSRF)', { issuers: [inside] }, 'https: alone'],
    ['it is a file', { issuers: ['file:///etc/passwd'] }, 'server, &#34;file:///etc/passwd&#34;, is none of https:'],
    ['it is inside the network, over https', { issuers: ['https://169.254.169.254'] }, 'not public'],
    [
      'it is a name that leads there',
      { issuers: ['https://10.0.0.1.nip.invalid', 'https://[fd00::1]'] },
      'cannot be asked',
    ],
    ['its registration is inside', { metadata: { registration_endpoint: `${inside}/register` } }, 'https: alone'],
    [
      'people would log in with a script',
      { metadata: { authorization_endpoint: 'javascript:alert(1)' } },
      'no address at which people log in',
    ],
  ])('%s', async (_, faults, words) => {
    const { link, server } = await linked(faults);
    const page = await new Browser().submit(link, KEY);
    expect(page.status).toBe(400);
    expect(page.text).toContain(words);
    expect(server.registrations).toEqual([]);
  });

  test('and its token is not asked for inside the network', async () => {
    const asked: unknown[] = [];
    const trap = createServer((request, response) => {
      asked.push(request.url);
      response.end();
    });
    onTestFinished(() => void trap.close().closeAllConnections());
    const { link } = await linked({ metadata: { token_endpoint: 'https://192.168.1.1/token' } });
    const browser = new Browser();
    const page = await browser.open(await answerOf(browser, link));
    expect(page).toMatchObject({ status: 400, text: expect.stringContaining('not public') });
    expect(asked).toEqual([]);
  });
});

test('a login is not used at another address that the configuration has later', async () => {
  const { server, opened, link, tools } = await linked();
  await new Browser().logIn(link, KEY);
  await expect.poll(() => tools('alice')).toEqual(['any__whoami']);
  await using other = await serveLogin();
  const apiKeys = [{ name: 'alice', key: keyOf('alice') }];
  await opened.gateway.reconfigure({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    mcpServers: { any: { url: other.url, credential: 'user' } },
  } as never);
  await expect.poll(() => tools('alice')).toEqual(['any__connect']);
  expect(other.seen).toEqual([]);
  expect(server.userOf(server.seen[0]?.token ?? '')).toBe('alice');
});
