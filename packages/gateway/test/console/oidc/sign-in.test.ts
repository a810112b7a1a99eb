import { expect, test } from 'vitest';
import { ask, OpenedConsole } from '../open-console.ts';
import { makeProvider } from './made-provider.ts';
import { CLIENT, serveProvider } from './real-provider.ts';
import { begin, cookieOf, finish, oidcConfig } from './sign-in-at.ts';

test.each([{ inIdToken: true }, { inIdToken: false }])(
  'who signs in at the provider is what their groups say ($inIdToken: in the ID token, or at the userinfo endpoint)',
  async ({ inIdToken }) => {
    await using provider = await serveProvider({ inIdToken });
    const config = oidcConfig(provider.issuer, { clientSecret: CLIENT.secret, scopes: ['groups'] });
    await using console = await OpenedConsole.open(config);
    provider.register(`${console.base}/console/signed-in`);
    const state = await ask(console.api('session'));
    expect(state.body).toMatchObject({ signedIn: false, provider: new URL(provider.issuer).host });
    expect(state.body.ways).toEqual(['link', 'provider']);
    const signIn = async (login: string) => {
      const begun = await begin(console);
      const back = await provider.visit(begun.location.href, login);
      return finish(console, back.search.slice(1), begun.cookie);
    };
    const [olga, viktor, nadia] = [await signIn('olga'), await signIn('viktor'), await signIn('nadia')];
    expect(olga.body).toMatchObject({ signedIn: true, name: 'oidc:olga', role: 'operator', returnTo: '#/overview' });
    expect(viktor.body).toMatchObject({ name: 'oidc:viktor', role: 'viewer' });
    expect([nadia.status, nadia.body.error.code]).toEqual([403, 'ROLE']);
    expect(nadia.body.error.message).toContain('"groups"');
    const change = (told: typeof olga) => ({
      method: 'POST',
      headers: { cookie: cookieOf(told), origin: console.base, 'x-lockgate-csrf': told.body.csrf },
      body: {},
    });
    expect((await ask(console.api('call'), change(viktor))).body.error.code).toBe('ROLE');
    expect((await ask(console.api('call'), change(olga))).status).toBe(400);
    const out = await ask(console.api('session'), { ...change(olga), method: 'DELETE', body: undefined });
    expect(out.body.endSession).toBe(`${provider.issuer}/session/end?client_id=lockgate`);
    expect((await ask(console.api('overview'), { headers: { cookie: cookieOf(olga) } })).status).toBe(401);
  },
);

test('a wrong secret, a provider that is down and a claim that nobody sends are said with what to do', async () => {
  await using provider = await serveProvider();
  await using console = await OpenedConsole.open(oidcConfig(provider.issuer, { clientSecret: 'wrong-secret' }));
  const asked = { method: 'POST', headers: { origin: console.base }, body: {} };
  const down = await ask(console.api('session/provider'), asked);
  expect([down.status, down.body.error.code]).toEqual([503, 'ISSUER_UNREACHABLE']);
  expect(down.body.error.remedy).toContain('gateway.console.oidc.issuer');

  await using right = await OpenedConsole.open(oidcConfig(provider.issuer, { clientSecret: 'wrong-secret' }));
  provider.register(`${right.base}/console/signed-in`);
  const begun = await begin(right);
  const back = await provider.visit(begun.location.href, 'olga');
  const { error } = (await finish(right, back.search.slice(1), begun.cookie)).body;
  expect(error).toMatchObject({ code: 'CODE_REFUSED', message: expect.stringContaining('invalid_client') });
  expect(error.remedy).toContain('clientSecret');

  await using unscoped = await OpenedConsole.open(oidcConfig(provider.issuer, { clientSecret: CLIENT.secret }));
  provider.register(`${unscoped.base}/console/signed-in`);
  const third = await begin(unscoped);
  const again = await provider.visit(third.location.href, 'olga');
  const said = (await finish(unscoped, again.search.slice(1), third.cookie)).body.error;
  expect(said).toMatchObject({ code: 'ROLE', message: expect.stringContaining('says nothing of "groups"') });
  expect(said.remedy).toContain('gateway.console.oidc.scopes');
});

test('an address counts only once the provider says that it is verified', async () => {
  await using provider = await makeProvider();
  const admin = { claim: 'email', operator: ['olga@example.com'] };
  await using console = await OpenedConsole.open(oidcConfig(provider.issuer, { admin }));
  const signIn = async (email_verified: unknown) => {
    const begun = await begin(console, provider.issuer);
    const nonce = begun.asked.get('nonce') ?? '';
    provider.idToken = () => provider.sign({ nonce, email: 'olga@example.com', email_verified });
    return finish(console, begun.answer(), begun.cookie);
  };
  for (const verified of [undefined, false, 'false']) expect((await signIn(verified)).status).toBe(403);
  expect((await signIn(true)).status).toBe(200);
});

test('behind a proxy the provider sends browsers to the public address, and the cookies are for its host alone', async () => {
  await using provider = await makeProvider();
  const { gateway } = oidcConfig(provider.issuer);
  await using console = await OpenedConsole.open({ gateway: { ...gateway, publicUrl: 'https://gateway.test' } });
  const headers = { origin: 'https://gateway.test', host: 'gateway.test' };
  const begun = await ask(console.api('session/provider'), { method: 'POST', headers, body: {} });
  const asked = new URL(begun.body.location).searchParams;
  expect(asked.get('redirect_uri')).toBe('https://gateway.test/console/signed-in');
  const [pending = ''] = begun.headers['set-cookie'] ?? [];
  expect(pending).toMatch(/^__Host-lockgate-sign-in=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=600; Secure$/);
  provider.nonce = asked.get('nonce') ?? '';
  const answer = new URLSearchParams({ code: 'c', state: asked.get('state') ?? '', iss: provider.issuer }).toString();
  const cookie = cookieOf(begun);
  // The same browser under another name of the gateway began nothing there.
  expect(
    (await finish(console, answer, `lockgate-sign-in-${new URL(console.base).port}=${cookie.split('=')[1]}`)).status,
  ).toBe(401);
  const told = await ask(console.api('session'), { method: 'POST', headers: { ...headers, cookie }, body: { answer } });
  expect(told.status).toBe(200);
  expect(told.headers['set-cookie']?.[0]).toMatch(/^__Host-lockgate-console=/);
});

test('a gateway without a provider says so', async () => {
  await using console = await OpenedConsole.open();
  const asked = { method: 'POST', headers: { origin: console.base }, body: {} };
  expect((await ask(console.api('session/provider'), asked)).body.error.code).toBe('NOT_AVAILABLE');
  expect((await finish(console, 'code=a', '')).body.error.code).toBe('NOT_AVAILABLE');
  expect((await ask(console.api('session/provider'))).status).toBe(405);
});
