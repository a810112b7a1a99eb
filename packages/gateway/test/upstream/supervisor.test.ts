import { describe, expect, test } from 'vitest';
import { NotLoadedError } from '../../src/errors.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { type Supervised, Supervisor } from '../../src/upstream/supervisor.ts';

/** Something that runs until the test ends it. */
class Running implements Supervised {
  readonly #ended = Promise.withResolvers<string>();
  readonly closed = this.#ended.promise;
  closedByOwner = false;

  end(reason = 'it ended'): void {
    this.#ended.resolve(reason);
  }

  async close(): Promise<void> {
    this.closedByOwner = true;
    this.end();
  }
}

/** A supervisor whose clock and timers the test moves. */
function supervise(open: () => Promise<Running>) {
  const clock = { now: 0 };
  const timers: { work: () => void; delayMs: number }[] = [];
  const states: string[] = [];
  let changed = Promise.withResolvers<void>();
  const supervisor = new Supervisor<Running>({
    open,
    onState: (state, reason) => {
      states.push(reason === undefined ? state : `${state}: ${reason}`);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    now: () => clock.now,
    random: () => 0.5,
    schedule: (work, delayMs) => {
      const timer = { work, delayMs };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  const until = async (state: string): Promise<void> => {
    while (supervisor.state !== state) await changed.promise;
  };
  const fire = (): number => {
    const timer = timers.shift();
    timer?.work();
    return timer?.delayMs ?? Number.NaN;
  };
  return { supervisor, clock, timers, states, until, fire };
}

test('starts again what has ended', async () => {
  const opened: Running[] = [];
  const { supervisor, until, fire, states } = supervise(async () => {
    const running = new Running();
    opened.push(running);
    return running;
  });
  supervisor.start();
  await until('running');
  opened[0]?.end();
  await until('restarting');
  expect(supervisor.current).toBeUndefined();
  fire();
  await until('running');
  expect(supervisor.current).toBe(opened[1]);
  expect(states).toEqual(['running', 'restarting: it ended', 'running']);
});

test('waits longer after each failure, up to half a minute', async () => {
  const { supervisor, until, fire, timers } = supervise(() => Promise.reject(new Error('refused')));
  supervisor.start();
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    await until('restarting');
    while (timers.length === 0) await Promise.resolve();
    delays.push(fire());
  }
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('forgives what ran for a minute', async () => {
  let opened = new Running();
  const { supervisor, until, fire, clock } = supervise(async () => {
    opened = new Running();
    return opened;
  });
  supervisor.start();
  for (const expected of [250, 500, 250]) {
    await until('running');
    if (expected === 250) clock.now += 60_000;
    opened.end();
    await until('restarting');
    expect(fire()).toBe(expected);
  }
});

test('the first failure settles it as the first success does', async () => {
  const { supervisor } = supervise(() => Promise.reject(new Error('no')));
  supervisor.start();
  await supervisor.settled;
  expect(supervisor.state).toBe('restarting');
});

test('closing ends what runs, and what is just being opened as soon as it is', async () => {
  const { promise, resolve } = Promise.withResolvers<Running>();
  const { supervisor, timers } = supervise(() => promise);
  supervisor.start();
  await supervisor.close();
  const late = new Running();
  resolve(late);
  await late.closed;
  expect(late.closedByOwner).toBe(true);
  expect(supervisor.state).toBe('closed');
  expect(timers).toEqual([]);
});

/** A supervisor whose attempts the test ends one by one, by their numbers. */
function superviseByHand() {
  const attempts = Array.from({ length: 3 }, () => Promise.withResolvers<Running>());
  let made = 0;
  const supervised = supervise(() => attempts[made++]?.promise ?? Promise.reject(new Error('one too many')));
  const up = (attempt: number): Running => {
    const running = new Running();
    attempts[attempt]?.resolve(running);
    return running;
  };
  return { ...supervised, attempts, up };
}

describe('replacing what runs', () => {
  test('leaves it in place until the other is up, and retires it then, which is no restart', async () => {
    const { supervisor, until, up, states } = superviseByHand();
    supervisor.start();
    const first = up(0);
    await until('running');
    const retired: Running[] = [];
    const replaced = supervisor.replace((old) => retired.push(old));
    expect(supervisor.current).toBe(first);
    const second = up(1);
    expect(await replaced).toBe(true);
    expect([supervisor.current, retired]).toEqual([second, [first]]);
    first.end();
    await first.closed;
    expect(supervisor).toMatchObject({ current: second, state: 'running', restarts: 0 });
    expect(states).toEqual(['running', 'running']);
  });

  test('leaves it in place where the other cannot be opened, and says why', async () => {
    const { supervisor, until, up, attempts } = superviseByHand();
    supervisor.start();
    const first = up(0);
    await until('running');
    const replaced = supervisor.replace(() => expect.unreachable());
    attempts[1]?.reject(new Error('no such file'));
    await expect(replaced).rejects.toThrow('no such file');
    expect(supervisor).toMatchObject({ current: first, state: 'running' });
  });

  test('that has ended meanwhile keeps one of the two that are opened then, and closes the other', async () => {
    const { supervisor, until, up, fire } = superviseByHand();
    supervisor.start();
    const first = up(0);
    await until('running');
    const replaced = supervisor.replace(() => expect.unreachable());
    first.end('it crashed');
    await until('restarting');
    fire();
    const [other, again] = [up(1), up(2)];
    expect(await replaced).toBe(true);
    await again.closed;
    expect(supervisor).toMatchObject({ current: other, state: 'running' });
    expect([other.closedByOwner, again.closedByOwner]).toEqual([false, true]);
  });

  test('that is down is the next attempt, made now', async () => {
    const { supervisor, until, up, attempts, timers } = superviseByHand();
    supervisor.start();
    attempts[0]?.reject(new Error('broken'));
    await until('restarting');
    const replaced = supervisor.replace(() => expect.unreachable());
    const running = up(1);
    expect(await replaced).toBe(true);
    expect([supervisor.current, timers]).toEqual([running, []]);
  });

  test('that is being opened opens it once more, since the attempt may have begun with what was there before', async () => {
    const { supervisor, up } = superviseByHand();
    supervisor.start();
    const retired: Running[] = [];
    const replaced = supervisor.replace((old) => retired.push(old));
    const [first, second] = [up(0), up(1)];
    expect(await replaced).toBe(true);
    expect([supervisor.current, retired]).toEqual([second, [first]]);
  });

  test('opens nothing that stays where it is closed meanwhile', async () => {
    const { supervisor, until, up } = superviseByHand();
    supervisor.start();
    up(0);
    await until('running');
    const replaced = supervisor.replace(() => expect.unreachable());
    await supervisor.close();
    const second = up(1);
    expect(await replaced).toBe(false);
    expect(second.closedByOwner).toBe(true);
  });
});

test('what cannot be loaded as it is does not start again, is looked at now and then, and told once', async () => {
  const problems = ['no module', 'no module', 'cut'];
  const { supervisor, until, fire, states } = supervise(async () => {
    const problem = problems.shift();
    if (problem !== undefined) throw new NotLoadedError(new Error('unlinked'), { problem, remedy: 'mend it' });
    return new Running();
  });
  supervisor.start();
  await until('not loaded');
  expect(fire()).toBe(1_000);
  // Who waits is told of each attempt.
  expect(await supervisor.next(new Cancellation())).toBeUndefined();
  fire();
  expect(await supervisor.next(new Cancellation())).toBeUndefined();
  fire();
  await until('running');
  expect(states).toEqual(['not loaded: no module; mend it', 'not loaded: cut; mend it', 'running']);
  expect(supervisor.restarts).toBe(0);
  await supervisor.close();
});
