import { expect, test } from 'vitest';
import { type Session, Sessions } from '../../src/session/sessions.ts';

function open(clock: { now: number }, maxSessions = 2) {
  const ended: string[] = [];
  const sessions = new Sessions({
    maxSessions,
    idleMs: 1_000,
    now: () => clock.now,
    onEnd: ({ peer }) => ended.push(peer.key),
  });
  const add = (key: string): Session & { closed: boolean } => {
    const session = {
      peer: { key, caller: { name: 'me' } } as Session['peer'],
      endpoint: {} as Session['endpoint'],
      open: 0,
      lastUsedAt: clock.now,
      closed: false,
      close: (): void => {
        session.closed = true;
      },
    };
    sessions.add(session);
    return session;
  };
  return { sessions, add, ended };
}

test('a session that is silent for too long ends; one that is used or has an open stream does not', () => {
  const clock = { now: 0 };
  const { sessions, add, ended } = open(clock, 3);
  const silent = add('silent');
  add('used');
  add('streaming').open = 1;
  clock.now = 900;
  sessions.use('used');
  clock.now = 1_000;
  sessions.sweep();
  expect(ended).toEqual(['silent']);
  expect(silent.closed).toBe(true);
});

test('where there is no room the longest silent one makes place, and nobody where all are busy', () => {
  const clock = { now: 0 };
  const { sessions, add, ended } = open(clock);
  add('first');
  clock.now = 1;
  add('second').open = 1;
  clock.now = 2;
  add('third').open = 1;
  expect(ended).toEqual(['first']);
  add('fourth');
  expect(sessions.use('fourth')).toBeUndefined();
  expect(sessions.size).toBe(2);
});

test('the end of a session is told once', () => {
  const { sessions, add, ended } = open({ now: 0 });
  add('a');
  sessions.remove('a');
  sessions.remove('a');
  sessions.closeAll();
  expect(ended).toEqual(['a']);
});
