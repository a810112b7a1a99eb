import { createHmac } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { expect, test } from 'vitest';
import { ask, OpenedConsole, type Told } from '../open-console.ts';
import { type MadeProvider, makeProvider } from './made-provider.ts';
import { CLIENT, serveProvider } from './real-provider.ts';
import { type Begun, begin, cookieOf, finish, oidcConfig } from './sign-in-at.ts';

/** The attacks on signing in at an OpenID provider that docs/console.md lists, each under the name that it has there. */

interface Opened extends AsyncDisposable {
  readonly console: OpenedConsole;
  readonly provider: MadeProvider;
  begin(): Promise<Begun>;
}

async function open(more: Parameters<typeof oidcConfig>[1] = {}): Promise<Opened> {
  await using opening = new AsyncDisposableStack();
  const provider = opening.use(await makeProvider());
  const console = opening.use(await OpenedConsole.open(oidcConfig(provider.issuer, more)));
  const moved = opening.move();
  return {
    console,
    provider,
    begin: async () => {
      const begun = await begin(console, provider.issuer);
      provider.nonce = begun.asked.get('nonce') ?? '';
      return begun;
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** Code and words of a refusal, which signs nobody in. */
function refusal(told: Told): readonly [number, string, string] {
  expect(told.headers['set-cookie']).toBeUndefined();
  const { code, message, remedy } = told.body.error;
  expect(remedy).toMatch(/\w+ \w+/);
  return [told.status, code, message];
}

/** What becomes of a sign-in for which the provider gives such a token. */
async function withToken({ console, provider, begin: start }: Opened, idToken: () => Promise<string>): Promise<Told> {
  const begun = await start();
  provider.idToken = idToken;
  return finish(console, begun.answer(), begun.cookie);
}

test('the right answer signs in, so that what is refused below is refused for what it is', async () => {
  await using opened = await open();
  const { console, begin } = opened;
  const begun = await begin();
  const told = await finish(console, begun.answer(), begun.cookie);
  expect([told.status, told.body.name, told.body.role]).toEqual([200, 'oidc:olga', 'operator']);
});

test('state replay: an answer is taken once, and the code is not even shown a second time', async () => {
  await using opened = await open();
  const { console, provider, begin } = opened;
  const { answer, cookie } = await begin();
  expect((await finish(console, answer(), cookie)).status).toBe(200);
  expect(refusal(await finish(console, answer(), cookie))).toMatchObject([401, 'SIGN_IN_ENDED', /has ended/]);
  expect(provider.redeemed).toHaveLength(1);
  // Nor where the first one has failed.
  const other = await begin();
  provider.tokenFailure = { status: 400, body: { error: 'invalid_grant' } };
  expect(refusal(await finish(console, other.answer(), other.cookie))[1]).toBe('CODE_REFUSED');
  provider.tokenFailure = undefined;
  expect(refusal(await finish(console, other.answer(), other.cookie))[1]).toBe('SIGN_IN_ENDED');
});

test('code replay: a code that was used, or that another sign-in was given, signs nobody in', async () => {
  await using provider = await serveProvider();
  await using console = await OpenedConsole.open(
    oidcConfig(provider.issuer, { clientSecret: CLIENT.secret, scopes: ['groups'] }),
  );
  provider.register(`${console.base}/console/signed-in`);
  const [one, other, third] = [await begin(console), await begin(console), await begin(console)];
  const back = await provider.visit(one.location.href, 'olga');
  const code = back.searchParams.get('code') ?? '';
  const stolen = other.answer({ code, iss: provider.issuer });
  expect(refusal(await finish(console, stolen, other.cookie))).toMatchObject([401, 'CODE_REFUSED', /invalid_grant/]);
  const again = await provider.visit(third.location.href, 'olga');
  expect((await finish(console, again.search.slice(1), third.cookie)).status).toBe(200);
  const fourth = await begin(console);
  const used = fourth.answer({ code: again.searchParams.get('code') ?? '', iss: provider.issuer });
  expect(refusal(await finish(console, used, fourth.cookie))[1]).toBe('CODE_REFUSED');
});

test('wrong nonce: an ID token of another sign-in, or of none, is refused', async () => {
  await using opened = await open();
  for (const nonce of ['of-another', '']) {
    const told = await withToken(opened, () => opened.provider.sign({ nonce }));
    expect(refusal(told)).toMatchObject([401, 'WRONG_ID_TOKEN', /"nonce"/]);
  }
});

test('mix-up: an answer of another issuer, or of none where one is promised, is refused before the code is shown', async () => {
  await using opened = await open();
  const { console, provider, begin } = opened;
  for (const iss of ['https://evil.test', `${provider.issuer}/`, '', undefined]) {
    const { answer, cookie } = await begin();
    expect(refusal(await finish(console, answer({ iss }), cookie)), iss).toMatchObject([
      401,
      'WRONG_ISSUER',
      /none of/,
    ]);
  }
  const { answer, cookie } = await begin();
  const twice = `${answer()}&iss=${encodeURIComponent('https://evil.test')}`;
  expect(refusal(await finish(console, twice, cookie))[1]).toBe('WRONG_ISSUER');
  expect(provider.redeemed).toEqual([]);
});

test('open redirect: whoever signs in comes back to a page of the console and to nowhere else', async () => {
  await using opened = await open();
  const { console, provider } = opened;
  const elsewhere = ['https://evil.test/', '//evil.test', '/\\evil.test', 'javascript:alert(1)', '#x', '', 5, '#/a b'];
  for (const returnTo of [...elsewhere, `#/${'a'.repeat(1_001)}`, '#/\nSet-Cookie:a=b']) {
    const asked = { method: 'POST', headers: { origin: console.base }, body: { returnTo } };
    expect((await ask(console.api('session/provider'), asked)).status, String(returnTo)).toBe(400);
  }
  const begun = await begin(console, provider.issuer, { returnTo: '#/calls?server=files' });
  provider.nonce = begun.asked.get('nonce') ?? '';
  expect(begun.location.origin).toBe(provider.issuer);
  expect(begun.asked.get('redirect_uri')).toBe(`${console.base}/console/signed-in`);
  const told = await finish(console, begun.answer(), begun.cookie);
  expect(told.body.returnTo).toBe('#/calls?server=files');
});

test('session fixation: an id that was planted is worth nothing after the sign-in, nor is the session before it', async () => {
  await using opened = await open();
  const { console, begin } = opened;
  const before = await console.signIn();
  const name = before.cookie.split('=', 1)[0];
  for (const planted of [`${name}=planted`, before.cookie]) {
    const { answer, cookie } = await begin();
    const told = await finish(console, answer(), `${planted}; ${cookie}`);
    expect(told.status).toBe(200);
    expect(cookieOf(told)).not.toBe(planted);
    expect((await ask(console.api('overview'), { headers: { cookie: planted } })).status).toBe(401);
    expect((await ask(console.api('overview'), { headers: { cookie: cookieOf(told) } })).status).toBe(200);
  }
});

test('login CSRF: an answer is taken from the browser that began alone, and a sign-in begins on the console’s own page', async () => {
  await using opened = await open();
  const { console, provider, begin } = opened;
  const [attacker, victim] = [await begin(), await begin()];
  const name = attacker.cookie.split('=', 1)[0];
  for (const cookie of ['', victim.cookie, `${name}=guessed`, `${attacker.cookie}x`]) {
    expect(refusal(await finish(console, attacker.answer(), cookie)), cookie).toMatchObject([401, 'SIGN_IN_ENDED', {}]);
  }
  for (const headers of [{}, { origin: 'https://evil.test' }, { origin: 'http://127.0.0.1:1' }]) {
    const said = { method: 'POST', headers: { ...headers, cookie: attacker.cookie } };
    const told = await ask(console.api('session'), { ...said, body: { answer: attacker.answer() } });
    expect(told.status).toBe(403);
    expect((await ask(console.api('session/provider'), { ...said, body: {} })).status).toBe(403);
  }
  const site = { origin: console.base, 'sec-fetch-site': 'cross-site' };
  const asked = { method: 'POST', headers: site, body: {} };
  expect((await ask(console.api('session/provider'), asked)).body.error.code).toBe('ORIGIN');
  expect(provider.redeemed).toEqual([]);
  const [cookie = ''] = attacker.told.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^lockgate-sign-in-\d+=[^;]+; Path=\/console; HttpOnly; SameSite=Strict; Max-Age=600$/);
});

test('algorithm none: an ID token without a signature, or signed with the client’s secret, is refused', async () => {
  await using opened = await open({ clientSecret: CLIENT.secret });
  opened.provider.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] };
  const forged = async (header: object, sign: (text: string) => string): Promise<string> => {
    const [, payload] = (await opened.provider.sign()).split('.');
    const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
    return `${text}.${sign(text)}`;
  };
  const bySecret = (text: string): string => createHmac('sha256', CLIENT.secret).update(text).digest('base64url');
  const tokens = [
    () => forged({ alg: 'none' }, () => ''),
    () => forged({ alg: 'HS256' }, bySecret),
    () => forged({ alg: 'RS256', kid: 'one' }, () => ''),
    () => opened.provider.sign({}, 'another key'),
  ];
  for (const token of tokens) expect(refusal(await withToken(opened, token))[1]).toBe('WRONG_ID_TOKEN');
  expect((await withToken(opened, () => opened.provider.sign())).status).toBe(200);
});

test('issuer mismatch: metadata, or an ID token, that names another issuer is refused', async () => {
  await using opened = await open();
  const { console, provider } = opened;
  const told = await withToken(opened, () => provider.sign({ iss: 'https://evil.test' }));
  expect(refusal(told)).toMatchObject([401, 'WRONG_ID_TOKEN', /"iss"/]);
  await using other = await open();
  other.provider.metadata = { issuer: provider.issuer };
  const asked = { method: 'POST', headers: { origin: other.console.base }, body: {} };
  const refused = await ask(other.console.api('session/provider'), asked);
  expect(refusal(refused)).toMatchObject([502, 'ISSUER_UNFIT', /calls itself another issuer/]);
  expect(console.base).not.toBe(other.console.base);
});

test('no S256: a provider that does not say it takes PKCE with S256 is not used', async () => {
  for (const methods of [undefined, [], ['plain'], 'S256']) {
    await using opened = await open();
    opened.provider.metadata = { code_challenge_methods_supported: methods };
    const asked = { method: 'POST', headers: { origin: opened.console.base }, body: {} };
    const told = await ask(opened.console.api('session/provider'), asked);
    expect(refusal(told), String(methods)).toMatchObject([502, 'ISSUER_UNFIT', /PKCE with S256/]);
  }
  await using opened = await open();
  const { asked, answer, cookie } = await opened.begin();
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  await finish(opened.console, answer(), cookie);
  expect(opened.provider.redeemed[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
});

test('code for another client: neither its code nor an ID token for it signs in', async () => {
  await using provider = await serveProvider();
  const oidc = { clientSecret: CLIENT.secret, scopes: ['groups'] };
  await using console = await OpenedConsole.open(oidcConfig(provider.issuer, oidc));
  provider.register(`${console.base}/console/signed-in`, [CLIENT.id, 'evil']);
  const mine = await begin(console);
  const theirs = new URL(mine.location);
  theirs.searchParams.set('client_id', 'evil');
  const back = await provider.visit(theirs.href, 'olga');
  expect(refusal(await finish(console, back.search.slice(1), mine.cookie))[1]).toBe('CODE_REFUSED');

  await using opened = await open();
  const wrong: JWTPayload[] = [
    { aud: 'evil' },
    { aud: ['lockgate', 'evil'] },
    { aud: ['lockgate', 'evil'], azp: 'evil' },
    { exp: 1 },
    { sub: ' ' },
    { sub: 'a'.repeat(256) },
  ];
  for (const claims of wrong) {
    const told = await withToken(opened, () => opened.provider.sign(claims));
    expect(refusal(told)[1], JSON.stringify(claims)).toBe('WRONG_ID_TOKEN');
  }
});

test('brute force: answers are counted as attempts, and a provider that is down counts for none', async () => {
  await using opened = await open();
  const { console, provider, begin } = opened;
  provider.tokenFailure = { status: 500, body: {} };
  for (let attempt = 0; attempt < 11; attempt++) {
    const { answer, cookie } = await begin();
    expect(refusal(await finish(console, answer(), cookie)).slice(0, 2)).toEqual([503, 'ISSUER_UNREACHABLE']);
  }
  const { answer } = await begin();
  for (let attempt = 0; attempt < 10; attempt++) expect((await finish(console, answer(), '')).status).toBe(401);
  expect((await finish(console, answer(), '')).status).toBe(429);
});

test('secrets in logs and answers: neither the client’s secret nor codes, tokens or cookies', async () => {
  await using opened = await open({ clientSecret: CLIENT.secret });
  const { console, provider, begin } = opened;
  const said: string[] = [];
  const tokens: string[] = [];
  provider.idToken = async () => {
    const token = await provider.sign();
    tokens.push(token);
    return token;
  };
  const attempt = async (more: Readonly<Record<string, string>>): Promise<Begun> => {
    const begun = await begin();
    said.push((await finish(console, begun.answer({ code: 'code-of-olga', ...more }), begun.cookie)).text);
    return begun;
  };
  const evil = { error: 'access_denied', error_description: 'give us your secret at https://evil.test' };
  const begun = [await attempt({}), await attempt(evil), await attempt({ error: '<b>x' }), await attempt({ iss: 'x' })];
  const failures = [
    { error: 'invalid_client', error_description: CLIENT.secret },
    { error: 'invalid_grant', error_description: 'code-of-olga' },
  ];
  for (const body of failures) {
    provider.tokenFailure = { status: 400, body };
    begun.push(await attempt({}));
  }
  const all = [...said, ...console.logged].join('\n');
  const hidden = [CLIENT.secret, 'code-of-olga', 'access-token-of-olga', 'evil.test', '<b>', ...tokens];
  for (const one of [...hidden, ...begun.map(({ cookie }) => cookie.split('=', 2)[1] ?? '')]) {
    expect(one.length).toBeGreaterThan(2);
    expect(all).not.toContain(one);
  }
  expect(all).toContain('The issuer let nobody in: access_denied');
  expect(all).toContain('invalid_client');
});
