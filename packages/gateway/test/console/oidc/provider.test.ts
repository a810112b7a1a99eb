import { expect, test } from 'vitest';
import { PendingSignIns } from '../../../src/console/oidc/pending-sign-ins.ts';
import { Provider } from '../../../src/console/oidc/provider.ts';

const ISSUER = 'https://login.test';
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/keys`,
  code_challenge_methods_supported: ['S256'],
  end_session_endpoint: 'javascript:alert(1)',
};
const none = (): void => undefined;
const logger = { debug: none, info: none, warn: none, error: none };

function opened(answer: () => object | Promise<object>) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url);
    return Response.json(await answer());
  };
  return { provider: new Provider({ issuer: ISSUER }, { fetch, logger, now: () => clock.now }), clock, asked };
}

test('a provider is asked once for all who wait, and again after ten minutes', async () => {
  const { provider, clock, asked } = opened(() => METADATA);
  await Promise.all([provider.facts(), provider.facts()]);
  clock.now = 599_999;
  await provider.facts();
  expect(asked).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
  clock.now = 600_000;
  await provider.facts();
  expect(asked).toHaveLength(2);
  expect(provider.endSession).toBeUndefined();
});

test('a provider that fails is left alone for a second', async () => {
  const { provider, clock, asked } = opened(() => Promise.reject(new Error('down')));
  const unreachable = { status: 503, code: 'ISSUER_UNREACHABLE' };
  await expect(provider.facts()).rejects.toMatchObject(unreachable);
  clock.now = 999;
  await expect(provider.facts()).rejects.toMatchObject(unreachable);
  expect(asked).toHaveLength(1);
  clock.now = 1_000;
  await expect(provider.facts()).rejects.toMatchObject(unreachable);
  expect(asked).toHaveLength(2);
});

test.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
  'a provider whose %s is missing or unprotected is not used',
  async (name) => {
    for (const url of [undefined, 'http://login.test/x', 'javascript:alert(1)', 5, '']) {
      const { provider } = opened(() => ({ ...METADATA, [name]: url }));
      await expect(provider.facts()).rejects.toMatchObject({
        code: 'ISSUER_UNFIT',
        message: expect.stringContaining(name),
      });
    }
  },
);

const PENDING = { state: 's', nonce: 'n', verifier: 'v', redirectUri: 'r', returnTo: '#/overview' };

test('a sign-in that was begun can be finished within ten minutes, in its own gateway, once', async () => {
  const clock = { now: 0 };
  const pending = new PendingSignIns(() => clock.now);
  const sealed = await pending.seal(PENDING);
  expect(sealed).not.toContain(Buffer.from('#/overview').toString('base64url').slice(0, 8));
  clock.now = 599_999;
  expect(await pending.open(sealed)).toMatchObject(PENDING);
  expect(await new PendingSignIns(() => 0).open(sealed)).toBeUndefined();
  for (const other of ['', 'x', sealed.slice(0, -2), `${sealed}.x`]) expect(await pending.open(other)).toBeUndefined();
  pending.end(PENDING);
  expect(await pending.open(sealed)).toBeUndefined();
  const late = await pending.seal({ ...PENDING, state: 'late' });
  clock.now += 600_000;
  expect(await pending.open(late)).toBeUndefined();
});
