import { expect, test } from 'vitest';
import { Attempts } from '../../src/access/attempts.ts';
import { ABSOLUTE_MS, ConsoleSessions, IDLE_MS, type Identity } from '../../src/console/console-sessions.ts';
import { LINK_MS, SignInLinks } from '../../src/console/sign-in-links.ts';

const OLGA: Identity = { name: 'olga', role: 'operator', caller: { name: 'olga' } };

function opened() {
  const clock = { now: 0 };
  const ended: string[] = [];
  const sessions = new ConsoleSessions({ now: () => clock.now, onEnd: ({ key }) => void ended.push(key) });
  return { clock, sessions, ended };
}

test('a session ends when it is silent for an hour, and after twelve hours in any case', () => {
  const { clock, sessions, ended } = opened();
  const idle = sessions.begin(() => OLGA, undefined);
  clock.now += IDLE_MS - 1;
  expect(sessions.use(idle)?.identity).toBe(OLGA);
  clock.now += IDLE_MS;
  expect(sessions.use(idle)).toBeUndefined();
  expect(ended).toHaveLength(1);
  const busy = sessions.begin(() => OLGA, undefined);
  const began = clock.now;
  for (; clock.now < began + ABSOLUTE_MS; clock.now += IDLE_MS / 2) expect(sessions.use(busy)).toBeDefined();
  expect(clock.now).toBe(began + ABSOLUTE_MS);
  expect(sessions.use(busy)).toBeUndefined();
});

test('looking whether a session lasts is no use of it', () => {
  const { clock, sessions } = opened();
  const id = sessions.begin(() => OLGA, undefined);
  const session = sessions.use(id)?.session;
  clock.now = IDLE_MS - 1;
  expect(session && sessions.identityOf(session)).toBe(OLGA);
  clock.now = IDLE_MS;
  expect(session && sessions.identityOf(session)).toBeUndefined();
});

test('a session lasts no longer than the right to it, and than what was signed in with', () => {
  const { clock, sessions } = opened();
  let right: Identity | undefined = OLGA;
  const id = sessions.begin(() => right, undefined);
  right = undefined;
  expect(sessions.use(id)).toBeUndefined();
  right = OLGA;
  expect(sessions.use(id)).toBeUndefined();
  const short = sessions.begin(() => OLGA, undefined, 1_000);
  clock.now += 999;
  expect(sessions.use(short)).toBeDefined();
  clock.now += 1;
  expect(sessions.use(short)).toBeUndefined();
  expect(sessions.begin(() => OLGA, undefined, 0)).toBeUndefined();
});

test('there are at most a hundred sessions: another one ends the longest silent', () => {
  const { clock, sessions } = opened();
  const ids = Array.from({ length: 100 }, () => {
    clock.now++;
    return sessions.begin(() => OLGA, undefined);
  });
  clock.now++;
  sessions.use(ids[0]);
  sessions.begin(() => OLGA, undefined);
  expect([sessions.use(ids[0]) !== undefined, sessions.use(ids[1]) !== undefined]).toEqual([true, false]);
});

test('a link is valid for ten minutes and once', () => {
  const clock = { now: 0 };
  const links = new SignInLinks(() => clock.now);
  const [one, late] = [links.make(), links.make()];
  expect(Buffer.from(one, 'base64url')).toHaveLength(32);
  expect([links.take('guessed'), links.take(one), links.take(one)]).toEqual([false, true, false]);
  clock.now = LINK_MS;
  expect(links.take(late)).toBe(false);
});

test('attempts are refused for the rest of a window that begins with the first failure', () => {
  const clock = { now: 1_000 };
  const attempts = new Attempts(() => clock.now);
  for (let number = 0; number < 9; number++) attempts.failed('one');
  expect(attempts.waitSeconds('one')).toBe(0);
  attempts.failed('one');
  expect([attempts.waitSeconds('one'), attempts.waitSeconds('other')]).toEqual([900, 0]);
  clock.now += 899_000;
  expect(attempts.waitSeconds('one')).toBe(1);
  clock.now += 1_000;
  expect(attempts.waitSeconds('one')).toBe(0);
  for (let number = 0; number < 100; number++) attempts.failed(`address-${number}`);
  expect(attempts.waitSeconds('an address that never failed')).toBe(900);
});
