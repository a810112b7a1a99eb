import { request as httpRequest, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { hashApiKey } from '../../src/access/api-keys.ts';
import type { LockgateFile } from '../../src/config/schema.ts';
import { ask, OpenedConsole } from './open-console.ts';

/** The attacks that docs/console.md lists, each over HTTP and under the name that it has there. */
const OPERATOR_KEY = 'lg_operator_0123456789abcdef0123456789';
const VIEWER_KEY = 'lg_viewer_0123456789abcdef0123456789ab';
const CLIENT_KEY = 'lg_client_0123456789abcdef0123456789ab';

const KEYS: LockgateFile = {
  gateway: {
    auth: {
      apiKeys: [
        { name: 'olga', hash: hashApiKey(OPERATOR_KEY), admin: 'operator' },
        { name: 'viktor', hash: hashApiKey(VIEWER_KEY), admin: 'viewer' },
        { name: 'client', hash: hashApiKey(CLIENT_KEY) },
      ],
    },
  },
};

const SERVER: LockgateFile = { mcpServers: { dead: { command: '/nowhere/at-all' } } };

test('CSRF: a change needs the token of its own session', async () => {
  await using console = await OpenedConsole.open(SERVER);
  const [one, other] = [await console.signIn(), await console.signIn()];
  const restart = { method: 'POST' };
  for (const token of ['', 'guessed', other.session.csrf]) {
    const told = await one.ask('upstreams/dead/restart', { ...restart, headers: { 'x-lockgate-csrf': token } });
    expect([told.status, told.body.error.code]).toEqual([403, 'CSRF']);
  }
  const out = await ask(console.api('session'), {
    method: 'DELETE',
    headers: { cookie: one.cookie, origin: console.base },
  });
  expect(out.body.error.code).toBe('CSRF');
  expect((await one.ask('upstreams/dead/restart', restart)).status).toBe(200);
});

test('CSRF: a change comes from the console’s own origin, down to the port, and nothing comes from a neighbouring page', async () => {
  await using console = await OpenedConsole.open(SERVER);
  const browser = await console.signIn();
  const { port } = new URL(console.base);
  for (const origin of ['http://127.0.0.1:1', `http://localhost:${port}`, 'null', 'https://evil.test']) {
    const told = await browser.ask('upstreams/dead/restart', { method: 'POST', headers: { origin } });
    expect(told.status, origin).toBe(403);
  }
  const headers = { cookie: browser.cookie, 'x-lockgate-csrf': browser.session.csrf };
  expect((await ask(console.api('upstreams/dead/restart'), { method: 'POST', headers })).body.error.code).toBe(
    'ORIGIN',
  );
  for (const site of ['same-site', 'cross-site']) {
    const told = await browser.ask('overview', { headers: { 'sec-fetch-site': site } });
    expect([told.status, told.body.error.code]).toEqual([403, 'ORIGIN']);
  }
  // A page that signs its visitor in as somebody else would see what the visitor does next.
  const signIn = { method: 'POST', body: { token: console.link } };
  expect((await ask(console.api('session'), signIn)).body.error.code).toBe('ORIGIN');
});

test('CSRF: a browser that asks beforehand for a page of another origin is told of none, allowed ones neither', async () => {
  await using console = await OpenedConsole.open();
  const headers = { origin: 'http://127.0.0.1:1', 'access-control-request-method': 'POST' };
  for (const path of ['/console', '/console/', '/console/api/session', '/console/api/call']) {
    const told = await fetch(new URL(path, console.base), { method: 'OPTIONS', headers });
    expect(
      [...told.headers.keys()].filter((name) => name.startsWith('access-control')),
      path,
    ).toEqual([]);
  }
});

test('clickjacking: nothing of the console may stand in a frame', async () => {
  await using console = await OpenedConsole.open();
  for (const path of ['/console/', '/console/api/session', '/console/api/overview', '/console/nothing.js']) {
    const { headers } = await ask(console.base + path);
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers['x-frame-options'], path).toBe('DENY');
  }
});

test('DNS rebinding: the console answers to no name that is not the gateway’s', async () => {
  await using console = await OpenedConsole.open();
  const browser = await console.signIn();
  const { port } = new URL(console.base);
  for (const path of ['', 'api/session', 'api/overview']) {
    const headers = { host: `evil.test:${port}`, cookie: browser.cookie };
    expect((await ask(`${console.base}/console/${path}`, { headers })).status).toBe(403);
  }
});

test('stored XSS: what servers and clients wrote is JSON that no browser runs', async () => {
  const script = '<script>alert(1)</script>';
  const log = [JSON.stringify({ time: '2026-01-01T00:00:00Z', level: 30, msg: script, server: 'dead' })];
  const lines = { first: 1, last: 1, at: (number: number) => log[number - 1] };
  await using console = await OpenedConsole.open(SERVER, { log: lines });
  const browser = await console.signIn();
  for (const path of [
    'access',
    'log',
    'tools',
    'upstreams/dead',
    `upstreams/${encodeURIComponent(script)}`,
    'calls',
    'policy',
  ]) {
    const { headers, text } = await browser.ask(path);
    expect(headers['content-type'], path).toBe('application/json; charset=utf-8');
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['content-security-policy'], path).toContain("default-src 'none'");
    expect(() => JSON.parse(text)).not.toThrow();
  }
  expect((await browser.ask('log')).body.lines[0].message).toBe(script);
  const bytes = await ask(`${console.base}/console/`);
  expect(bytes.headers['content-security-policy']).toMatch(/default-src 'self'(?!.*unsafe)/);
});

test('session fixation: an id that was planted is worth nothing, and a sign-in ends what was before it', async () => {
  await using console = await OpenedConsole.open();
  const name = `lockgate-console-${new URL(console.base).port}`;
  const planted = await console.signIn({ cookie: `${name}=planted` });
  expect(planted.cookie).not.toContain('planted');
  const status = async (cookie: string): Promise<number> =>
    (await ask(console.api('overview'), { headers: { cookie } })).status;
  expect(await status(`${name}=planted`)).toBe(401);
  const again = await console.signIn({ cookie: planted.cookie });
  expect([await status(planted.cookie), await status(again.cookie)]).toEqual([401, 200]);
});

test('path traversal: only files of the console are files', async () => {
  await using console = await OpenedConsole.open();
  const ups = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..\\', '..%5c', '....//', '/'];
  for (const up of ups) {
    for (const name of ['package.json', 'etc/passwd', 'main.js']) {
      const { status, text } = await askPath(console.base, `/console/${up.repeat(4)}${name}`);
      expect(text, up + name).not.toMatch(/root:|"dependencies"|#!/);
      expect([200, 400, 404, 401]).toContain(status);
      if (name.includes('.')) expect(status).not.toBe(200);
    }
  }
});

test('SSE exhaustion: eight streams of a session and 64 in all, and what closes makes room', async () => {
  await using console = await OpenedConsole.open();
  const open = async (cookie: string): Promise<IncomingMessage> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    httpRequest(console.api('events'), { headers: { cookie }, agent: false }, resolve).once('error', reject).end();
    return promise;
  };
  const browsers = [];
  for (let number = 0; number < 9; number++) browsers.push(await console.signIn());
  const streams: IncomingMessage[] = [];
  for (const { cookie } of browsers) {
    for (let number = 0; number < 8; number++) streams.push(await open(cookie));
  }
  expect(streams.filter(({ statusCode }) => statusCode === 200)).toHaveLength(64);
  const [first] = browsers;
  const told = await open(first?.cookie ?? '');
  expect([told.statusCode, told.headers['retry-after']]).toEqual([429, '15']);
  expect((await first?.ask('overview'))?.status).toBe(200);
  streams[0]?.destroy();
  await expect
    .poll(async () => {
      const next = await open(first?.cookie ?? '');
      const { statusCode } = next;
      next.destroy();
      return statusCode;
    })
    .toBe(200);
  for (const stream of streams) stream.destroy();
});

test('brute force: ten wrong keys, and none is looked at for a while, not even the right one', async () => {
  await using console = await OpenedConsole.open(KEYS);
  const attempt = (key: string) =>
    ask(console.api('session'), { method: 'POST', headers: { origin: console.base }, body: { key } });
  const tried = await Promise.all(Array.from({ length: 30 }, (_, number) => attempt(`wrong-${number}`)));
  expect(tried.filter(({ status }) => status === 401)).toHaveLength(10);
  const refused = await attempt(OPERATOR_KEY);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
});

test('brute force: keys in headers are counted as well', async () => {
  await using console = await OpenedConsole.open(KEYS);
  const attempt = (key: string) => ask(console.api('overview'), { headers: { authorization: `Bearer ${key}` } });
  expect((await attempt(VIEWER_KEY)).status).toBe(200);
  for (let number = 0; number < 10; number++) expect((await attempt(`wrong-${number}`)).status).toBe(401);
  expect((await attempt(OPERATOR_KEY)).status).toBe(429);
});

test('brute force: whoever has signed in before is not locked out by others behind the same proxy', async () => {
  await using console = await OpenedConsole.open(KEYS);
  const attempt = (key: string) =>
    ask(console.api('session'), { method: 'POST', headers: { origin: console.base }, body: { key } });
  const script = (key: string) => ask(console.api('overview'), { headers: { authorization: `Bearer ${key}` } });
  expect((await attempt(OPERATOR_KEY)).status).toBe(200);
  expect((await script(VIEWER_KEY)).status).toBe(200);
  for (let number = 0; number < 10; number++) expect((await attempt(`wrong-${number}`)).status).toBe(401);
  expect((await attempt('wrong')).status).toBe(429);
  expect([(await attempt(OPERATOR_KEY)).status, (await script(VIEWER_KEY)).status]).toEqual([200, 200]);
});

test('brute force: wrong links lock nobody out who has a right one', async () => {
  await using console = await OpenedConsole.open();
  const use = (token: string) =>
    ask(console.api('session'), { method: 'POST', headers: { origin: console.base }, body: { token } });
  for (let number = 0; number < 10; number++) expect((await use(`wrong-${number}`)).status).toBe(401);
  expect((await use('wrong')).status).toBe(429);
  expect((await use(console.link)).status).toBe(200);
});

test('brute force: behind trusted proxies each client is counted apart, and none by what it says itself', async () => {
  const { gateway } = KEYS;
  await using console = await OpenedConsole.open({ ...KEYS, gateway: { ...gateway, trustedProxies: ['127.0.0.0/8'] } });
  const attempt = (key: string, from: string) =>
    ask(console.api('session'), {
      method: 'POST',
      headers: { origin: console.base, 'x-forwarded-for': from },
      body: { key },
    });
  for (let number = 0; number < 10; number++)
    expect((await attempt(`wrong-${number}`, `198.51.100.${number}, 203.0.113.7, 127.0.0.9`)).status).toBe(401);
  expect((await attempt(OPERATOR_KEY, '203.0.113.7')).status).toBe(429);
  expect((await attempt(OPERATOR_KEY, '203.0.113.8')).status).toBe(200);
});

test('one-time link reuse: a link signs in once, and only on this machine', async () => {
  await using console = await OpenedConsole.open();
  const token = console.link;
  const use = (headers: Record<string, string> = {}) =>
    ask(console.api('session'), { method: 'POST', headers: { origin: console.base, ...headers }, body: { token } });
  expect((await use()).status).toBe(200);
  const second = await use();
  expect([second.status, second.body.error.code]).toEqual([401, 'WRONG_LINK']);
  await using open = await OpenedConsole.open({ gateway: { ...KEYS.gateway, listen: '0.0.0.0:0' } });
  expect(open.gateway.signInLink()).toBeUndefined();
});

test('role escalation: a viewer changes nothing, whatever it asks', async () => {
  await using console = await OpenedConsole.open({ ...KEYS, ...SERVER });
  const viewer = await console.signIn({ key: VIEWER_KEY });
  expect(viewer.session).toMatchObject({ role: 'viewer', name: 'viktor', mayChangeConfiguration: false });
  const changes = [
    ['POST', 'upstreams/dead/restart'],
    ['POST', 'upstreams/dead/disable'],
    ['POST', 'call'],
    ['POST', 'policy/try'],
    ['POST', 'pins/approve'],
    ['POST', 'approvals/x/approve'],
    ['POST', 'configuration/check'],
    ['POST', 'configuration/reload'],
    ['PUT', 'configuration'],
    ['POST', 'connections/disconnect'],
    ['POST', 'connections/begin'],
    ['POST', 'connections/finish'],
    ['POST', 'sign-in-link'],
  ] as const;
  for (const [method, path] of changes) {
    const told = await viewer.ask(path, { method, body: { role: 'operator', tool: 'x', text: '{}', revision: '' } });
    expect([path, told.status, told.body.error.code]).toEqual([path, 403, 'ROLE']);
  }
  expect((await viewer.ask('upstreams')).body.upstreams).toHaveLength(1);
});

test('role escalation: a key of MCP opens no console, and rights go with the configuration', async () => {
  await using console = await OpenedConsole.open(KEYS);
  await expect(console.signIn({ key: CLIENT_KEY })).rejects.toThrow(/403.*opens MCP/);
  const bearer = { authorization: `Bearer ${CLIENT_KEY}` };
  expect((await ask(console.api('overview'), { headers: bearer })).status).toBe(403);
  const operator = await console.signIn({ key: OPERATOR_KEY });
  expect((await operator.ask('overview')).status).toBe(200);
  const { listen } = { listen: '127.0.0.1:0' };
  const [, ...others] = KEYS.gateway?.auth?.apiKeys ?? [];
  await console.gateway.reconfigure({ gateway: { listen, auth: { apiKeys: others } } } as LockgateFile);
  expect((await operator.ask('overview')).status).toBe(401);
});

test('cookie without Secure: only on this machine, under its own name; else __Host- and Secure, or no sign-in', async () => {
  await using console = await OpenedConsole.open();
  const cookieOf = async (opened: OpenedConsole, headers: Record<string, string>, body: object) =>
    ask(opened.api('session'), { method: 'POST', headers, body });
  const plain = await cookieOf(console, { origin: console.base }, { token: console.link });
  expect(plain.headers['set-cookie']?.[0]).toMatch(
    /^lockgate-console-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  );
  await using proxied = await OpenedConsole.open({
    gateway: { ...KEYS.gateway, publicUrl: 'https://gateway.example.com', allowedHosts: ['inside'] },
  });
  const told = await cookieOf(
    proxied,
    { host: 'gateway.example.com', origin: 'https://gateway.example.com' },
    { key: OPERATOR_KEY },
  );
  expect(told.headers['set-cookie']?.[0]).toMatch(
    /^__Host-lockgate-console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/,
  );
  await using open = await OpenedConsole.open({ gateway: { ...KEYS.gateway, allowedHosts: ['inside'] } });
  const refused = await cookieOf(open, { host: 'inside', origin: 'http://inside' }, { key: OPERATOR_KEY });
  expect([refused.status, refused.body.error.code, refused.headers['set-cookie']]).toEqual([
    403,
    'INSECURE',
    undefined,
  ]);
});

test('admin key in logs: neither key nor link, cookie or token is written anywhere', async () => {
  await using console = await OpenedConsole.open(KEYS);
  const token = console.link;
  const byKey = await console.signIn({ key: OPERATOR_KEY });
  await ask(console.api('session'), { method: 'POST', headers: { origin: console.base }, body: { token } });
  await ask(console.api('session'), {
    method: 'POST',
    headers: { origin: console.base },
    body: { key: `${VIEWER_KEY}x` },
  });
  await ask(console.api('overview'), { headers: { authorization: `Bearer ${VIEWER_KEY}` } });
  const id = byKey.cookie.split('=')[1] ?? 'none';
  const { logged } = console;
  expect(logged.join('\n')).toContain('somebody has signed in');
  for (const secret of [OPERATOR_KEY, VIEWER_KEY, token, id, byKey.session.csrf]) {
    expect(logged.join('\n')).not.toContain(secret);
  }
});

/** The path as it stands: URL would tidy it. */
async function askPath(base: string, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  httpRequest({ hostname, port, path }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
  })
    .once('error', reject)
    .end();
  return promise;
}
