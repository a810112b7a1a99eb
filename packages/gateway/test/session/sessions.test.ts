import { expect, test, vi } from 'vitest';
import { type Session, Sessions } from '../../src/session/sessions.ts';

function open(clock: { now: number }, maxSessions = 2) {
  const ended: string[] = [];
  const sessions = new Sessions({
    maxSessions,
    idleMs: 1_000,
    now: () => clock.now,
    onEnd: ({ peer }) => ended.push(peer.key),
  });
  const add = (key: string, caller = 'me'): Session & { closed: boolean } => {
    const session = {
      peer: { key, caller: { name: caller } } as Session['peer'],
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

test('a silent session ends at its time by itself: not before, and not long after, counted from the end of what was open', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  try {
    const { sessions, add, ended } = open({
      get now() {
        return performance.now();
      },
    });
    const pass = (milliseconds: number): unknown => vi.advanceTimersByTime(milliseconds);
    pass(1);
    add('silent');
    const streaming = add('streaming');
    streaming.open = 1;
    pass(999);
    expect(ended).toEqual([]);
    pass(100);
    expect(ended).toEqual(['silent']);
    pass(899);
    expect(sessions.closed(streaming)).toBe(true);
    pass(999);
    expect(ended).toEqual(['silent']);
    pass(100);
    expect(ended).toEqual(['silent', 'streaming']);
    expect(sessions.closed(streaming)).toBe(false);
    sessions.closeAll();
  } finally {
    vi.useRealTimers();
  }
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

test('a caller with many sessions takes the room of its own, and never that of one who has fewer', () => {
  const clock = { now: 0 };
  const { sessions, add, ended } = open(clock, 5);
  const mine = add('mine');
  for (let index = 0; index < 55; index++) {
    clock.now += 1;
    add(`other ${index}`, 'other');
  }
  expect(mine.closed).toBe(false);
  for (const session of sessions.all) if (session !== mine) session.open = 1;
  expect(add('other busy', 'other').closed).toBe(false);
  expect([sessions.use('mine'), sessions.use('other busy')]).toEqual([mine, undefined]);
  expect(ended).not.toContain('mine');
});

test('who has fewer sessions gets the room of who has the most, however long others are silent', () => {
  const clock = { now: 0 };
  const { sessions, add, ended } = open(clock, 4);
  add('silent', 'third');
  clock.now = 1;
  for (const key of ['a', 'b', 'c']) add(key, 'other');
  add('mine');
  expect(ended).toEqual(['a']);
  add('mine too').open = 1;
  expect(ended).toEqual(['a', 'mine']);
  expect(sessions.size).toBe(4);
});

test('the end of a session is told once', () => {
  const { sessions, add, ended } = open({ now: 0 });
  add('a');
  sessions.remove('a');
  sessions.remove('a');
  sessions.closeAll();
  expect(ended).toEqual(['a']);
});

test('who says that a session is over is told why it is none here any more', () => {
  const clock = { now: 0 };
  const ends: string[] = [];
  const sessions = new Sessions({
    maxSessions: 2,
    idleMs: 1_000,
    now: () => clock.now,
    onEnd: ({ peer }, end) => ends.push(`${peer.key} ${end}`),
    onOpen: ({ peer }) => ends.push(`${peer.key} is open`),
  });
  const add = (key: string, open = 0): void => {
    const peer = { key, caller: { name: 'me' } } as Session['peer'];
    sessions.add({ peer, endpoint: {} as Session['endpoint'], open, lastUsedAt: 0, close: () => {} });
  };
  add('makes room');
  clock.now = 1;
  add('streams', 1);
  add('falls silent');
  clock.now = 2_000;
  sessions.sweep();
  add('is used elsewhere');
  sessions.drop('is used elsewhere');
  sessions.remove('streams');
  add('was here at the end');
  sessions.closeAll();
  expect(ends).toEqual([
    'makes room silent',
    'streams is open',
    'falls silent silent',
    'is used elsewhere left',
    'streams ended',
    'was here at the end left',
  ]);
});
