import { expect, test } from 'vitest';
import { LoginNeededError } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';
import { Credential } from '../../src/login/credential.ts';
import type { Held } from '../../src/login/grant.ts';
import { LoginFaultError } from '../../src/login/login-fault.ts';
import { VaultError } from '../../src/login/vault-error.ts';

/** A credential whose clock stands still, and whose tokens are numbered and good for 100 seconds. */
function openCredential(
  over: {
    first?: Partial<Held>;
    fails?: () => Error | undefined;
    isOptional?: boolean;
    isGuarded?: boolean;
    read?: () => Promise<Held | undefined>;
  } = {},
) {
  const clock = { ms: 1_000_000 };
  const renewals: (string | undefined)[] = [];
  const held = (name: string): Held => ({
    accessToken: name,
    obtainedAt: clock.ms,
    expiresAt: clock.ms + 100_000,
    isRenewable: true,
  });
  let kept: Held = { ...held('t0'), ...over.first };
  let needed = 0;
  const credential = new Credential({
    server: 'any',
    grant: {
      givesFirst: false,
      read: over.read ?? (async () => kept),
      renew: async (known) => {
        const failure = over.fails?.();
        if (failure) throw failure;
        renewals.push(known?.accessToken);
        kept = held(`t${renewals.length}`);
        return kept;
      },
    },
    isOptional: over.isOptional ?? false,
    offersLogin: async () => true,
    askedScopes: () => ['read'],
    isGuarded: () => over.isGuarded ?? false,
    onNeeded: () => void needed++,
    now: () => clock.ms,
    logger: silentLogger,
  });
  const token = async () => (await credential.headers()).authorization;
  const answer = (status: number, challenge = '') => ({ status, headers: { 'www-authenticate': challenge } });
  return { credential, clock, renewals, token, answer, needed: () => needed };
}

test('a token is renewed when a quarter of its life is left, beside the requests that go on with it', async () => {
  const { clock, renewals, token } = openCredential();
  expect(await token()).toBe('Bearer t0');
  clock.ms += 74_999;
  expect(await token()).toBe('Bearer t0');
  expect(renewals).toEqual([]);
  clock.ms += 1;
  expect(await Promise.all([token(), token(), token()])).toEqual(['Bearer t0', 'Bearer t0', 'Bearer t0']);
  await expect.poll(token).toBe('Bearer t1');
  expect(renewals).toEqual(['t0']);
});

test('a long-lived token is renewed five minutes before its end', async () => {
  const { clock, renewals, token } = openCredential({ first: { expiresAt: 1_000_000 + 36_000_000 } });
  await token();
  clock.ms += 36_000_000 - 300_001;
  await token();
  expect(renewals).toEqual([]);
  clock.ms += 1;
  await token();
  expect(renewals).toEqual(['t0']);
});

test('what cannot be renewed now is used to its end, then said to be kept, and not asked for in each call', async () => {
  let tries = 0;
  const failing = openCredential({
    fails: () => {
      tries++;
      return new LoginFaultError('nobody answers');
    },
  });
  const { clock, token } = failing;
  await token();
  clock.ms += 99_999;
  expect(await token()).toBe('Bearer t0');
  clock.ms += 1;
  const error = await token().catch((cause: Error) => cause);
  expect(error).toMatchObject({ code: 'GATEWAY_LOGIN_UNAVAILABLE' });
  await Promise.allSettled([token(), token()]);
  expect(tries).toBe(1);
  clock.ms += 1_000;
  await Promise.allSettled([token(), token()]);
  expect(tries).toBe(2);
  expect(failing.needed()).toBe(0);
});

test('a server that refuses a fresh token needs a login, and is tried again with another one later by itself', async () => {
  const { credential, clock, renewals, token, answer, needed } = openCredential();
  await token();
  const sent = await credential.headers();
  expect(await credential.refused(answer(401), sent, 0)).toBe(true);
  const again = await credential.headers();
  await expect(credential.refused(answer(401), again, 1)).rejects.toBeInstanceOf(LoginNeededError);
  await expect(token()).rejects.toBeInstanceOf(LoginNeededError);
  expect([needed(), renewals]).toEqual([1, ['t0']]);
  clock.ms += 30_000;
  expect(await token()).toBe('Bearer t2');
});

test('a refusal of what was renewed meanwhile is no refusal of the new one', async () => {
  const { credential, renewals, token, answer } = openCredential();
  await token();
  const sent = await credential.headers();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => credential.refused(answer(401), sent, 0)));
  expect([new Set(outcomes), renewals]).toEqual([new Set([true]), ['t0']]);
  expect(await credential.refused(answer(401), sent, 0)).toBe(true);
  expect(renewals).toEqual(['t0']);
});

test('a server is given more scopes three times, and refuses for good what was asked for already', async () => {
  const { credential, token, answer } = openCredential();
  await token();
  const sent = await credential.headers();
  const refuse = (scope: string) =>
    credential.refused(answer(403, `Bearer error="insufficient_scope", scope="${scope}"`), sent, 0);
  expect(await refuse('read')).toBe(false);
  expect(await credential.refused(answer(403), sent, 0)).toBe(false);
  for (const scope of ['a', 'b', 'c']) await expect(refuse(`read ${scope}`)).rejects.toBeInstanceOf(LoginNeededError);
  expect(credential.wanted.scopes).toEqual(['read', 'a', 'b', 'c']);
  expect(await refuse('d')).toBe(false);
});

test('a server that has asked for no login goes on where what is kept cannot be read, and one that asks is told why', async () => {
  let reads = 0;
  const read = async (): Promise<Held | undefined> => {
    reads++;
    throw new VaultError('the key has gone');
  };
  const { credential, clock, token, answer } = openCredential({ isOptional: true, read });
  expect([await token(), await token(), reads]).toEqual([undefined, undefined, 1]);
  clock.ms += 1_000;
  expect([await token(), reads]).toEqual([undefined, 2]);
  await expect(credential.refused(answer(401), {}, 0)).rejects.toThrow('the key has gone');
  await expect(token()).rejects.toMatchObject({ code: 'GATEWAY_LOGIN_UNAVAILABLE' });
});

test('of a guarded server, what a refused call says leads nobody to another place to log in', async () => {
  const refusal =
    'Bearer error="insufficient_scope", scope="write", resource_metadata="https://any.example/of-a-secret"';
  for (const isGuarded of [true, false]) {
    const { credential, answer } = openCredential({ isGuarded });
    const sent = await credential.headers();
    await expect(credential.refused(answer(403, refusal), sent, 0)).rejects.toThrow(LoginNeededError);
    expect(credential.wanted.metadata).toBe(isGuarded ? undefined : 'https://any.example/of-a-secret');
  }
});
