import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { AccessControl } from '../../src/access/access-control.ts';
import { deny, type Principal } from '../../src/access/principal.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { SignIn } from '../../src/console/sign-in.ts';
import { SignInLinks } from '../../src/console/sign-in-links.ts';

const NOW = 1_700_000_000_000;
const OLGA: Principal = {
  kind: 'principal',
  name: 'jwt:olga',
  how: 'jwt',
  admin: 'operator',
  validUntil: NOW + 60_000,
};

const NO_PROVIDER = {
  fetch: () => Promise.reject(new Error('nobody is asked')),
  logger: { debug: noop, info: noop, warn: noop, error: noop },
  now: () => 0,
};

function noop(): void {}

function opened(principal: Principal = OLGA, gateway: LockgateFile['gateway'] = {}) {
  const links = new SignInLinks(() => 0);
  const section = { now: configSchema.parse({ gateway }).gateway };
  const authenticate = ({ headers }: { headers: { authorization?: string } }) =>
    headers.authorization === 'Bearer good' ? principal : deny(401, 'bad', 'bad');
  const access = () => ({ authenticator: { authenticate } }) as unknown as AccessControl;
  return {
    signIn: new SignIn({ access, gateway: () => section.now, links, now: () => NOW, provider: NO_PROVIDER }),
    links,
    section,
  };
}

const REACHED = { scheme: 'http', origin: 'http://localhost:3000', cookie: 'c', pendingCookie: 'p' } as const;

const from = (host: string, remoteAddress: string) =>
  ({ headers: { host }, socket: { remoteAddress } }) as unknown as IncomingMessage;
const here = from('localhost:3000', '::ffff:127.0.0.1');

test('a token of the authorization server opens the console for as long as it is valid, and while "auth" is the same', async () => {
  const { signIn, section } = opened();
  const { identity, maxMs } = await signIn.identify({ key: 'good' }, here, REACHED);
  expect([identity(), maxMs]).toMatchObject([{ name: 'jwt:olga', role: 'operator' }, 60_000]);
  section.now = configSchema.parse({ gateway: { auth: { apiKeys: [] } } }).gateway;
  expect(identity()).toBeUndefined();
  await expect(signIn.identify({ key: 'bad' }, here, REACHED)).rejects.toMatchObject({
    status: 401,
    code: 'WRONG_KEY',
  });
  for (const body of [undefined, {}, { key: '' }, { key: 5 }, { token: 5 }]) {
    await expect(signIn.identify(body, here, REACHED)).rejects.toMatchObject({ status: 400 });
  }
});

test('a credential that sees some servers only opens no console', async () => {
  const { signIn } = opened({ ...OLGA, servers: ['files'] });
  await expect(signIn.identify({ key: 'good' }, here, REACHED)).rejects.toMatchObject({ status: 403, code: 'ROLE' });
});

test('a link is taken from this machine under a name of its own, and is not used up by others', async () => {
  const { signIn, links } = opened();
  const token = links.make();
  for (const request of [from('gateway.test', '127.0.0.1'), from('localhost', '10.0.0.7'), from('', '127.0.0.1')]) {
    await expect(signIn.identify({ token }, request, REACHED)).rejects.toMatchObject({
      status: 401,
      code: 'WRONG_LINK',
    });
  }
  const { identity } = await signIn.identify({ token }, here, REACHED);
  expect(identity()).toMatchObject({ name: 'console:link', role: 'operator' });
});

test('what signs in is what the configuration names', () => {
  const jwt = { issuer: 'https://as.test', audience: 'x' };
  expect(opened().signIn.ways.ways).toEqual(['link']);
  const beyond = { listen: '0.0.0.0:3000', allowUnauthenticated: true };
  expect(opened(OLGA, beyond).signIn.ways.ways).toEqual([]);
  const apiKeys = [{ name: 'olga', hash: `sha256:${'0'.repeat(64)}`, admin: 'operator' as const }];
  expect(opened(OLGA, { ...beyond, auth: { apiKeys, jwt: { ...jwt, admin: {} } } }).signIn.ways.ways).toEqual([
    'key',
    'token',
  ]);
  expect(opened(OLGA, { ...beyond, auth: { jwt } }).signIn.ways.ways).toEqual([]);
});
