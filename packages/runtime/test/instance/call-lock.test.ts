import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallLock } from '../../src/instance/call-lock.ts';

const never = 2 ** 31 - 1;

function lockOf(
  seats: readonly string[],
  options: { queueTimeoutMs?: number; maxQueue?: number } = {},
): CallLock<string> {
  const lock = new CallLock<string>({
    queueTimeoutMs: options.queueTimeoutMs ?? never,
    maxQueue: options.maxQueue ?? never,
    timeoutError: () => new Error('too late'),
    fullError: () => new Error('too many'),
  });
  for (const seat of seats) lock.leave(seat);
  return lock;
}

/** A call that takes so many turns of the event loop inside. */
async function visit(lock: CallLock<string>, inside: Set<string>, turns: number, signal?: AbortSignal): Promise<void> {
  const seat = lock.tryEnter() ?? (await lock.enter({ signal }));
  expect(inside.has(seat), `two calls in seat ${seat}`).toBe(false);
  inside.add(seat);
  for (let left = turns; left > 0; left -= 1) await turn();
  inside.delete(seat);
  lock.leave(seat);
}

describe('a free seat', () => {
  test('is taken at once, once', () => {
    const lock = lockOf(['a']);
    expect([lock.tryEnter(), lock.tryEnter()]).toEqual(['a', undefined]);
  });

  test('is not taken past somebody whose turn has come but who has not been there yet', async () => {
    const lock = lockOf(['a']);
    const seat = lock.tryEnter() as string;
    const waiter = lock.enter();
    lock.leave(seat);
    expect(lock.tryEnter()).toBeUndefined();
    await expect(waiter).resolves.toBe('a');
  });

  test('can be taken out for good, but not while it is promised', async () => {
    const lock = lockOf(['a']);
    const seat = lock.tryEnter() as string;
    const waiter = lock.enter();
    lock.leave(seat);
    expect(lock.remove('a')).toBe(false);
    lock.leave(await waiter);
    expect(lock.remove('a')).toBe(true);
    expect(lock.tryEnter()).toBeUndefined();
  });
});

describe('a waiter', () => {
  test('gets its turn in the order of coming', async () => {
    const lock = lockOf(['a']);
    const order: number[] = [];
    const seat = lock.tryEnter() as string;
    const waiters = [1, 2, 3, 4].map(async (number) => {
      const mine = await lock.enter();
      order.push(number);
      lock.leave(mine);
    });
    lock.leave(seat);
    await Promise.all(waiters);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('that aborts leaves at once with the reason, and its turn goes to the next', async () => {
    const lock = lockOf(['a']);
    const seat = lock.tryEnter() as string;
    const leaving = new AbortController();
    const first = lock.enter({ signal: leaving.signal });
    const second = lock.enter();
    leaving.abort('gone');
    await expect(first).rejects.toBe('gone');
    expect(lock.waiting).toBe(1);
    lock.leave(seat);
    await expect(second).resolves.toBe('a');
  });

  test('leaves no listener behind, however it ends', async () => {
    const lock = lockOf(['a']);
    const seat = lock.tryEnter() as string;
    const { signal } = new AbortController();
    const served = lock.enter({ signal });
    const refused = lock.enter({ signal });
    lock.leave(seat);
    await served;
    lock.rejectWaiting(() => 'closed');
    await expect(refused).rejects.toBe('closed');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('never enters with a signal that has fired already', async () => {
    const lock = lockOf(['a']);
    await expect(lock.enter({ signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
    expect(lock.tryEnter()).toBe('a');
  });

  test('waits no longer than it may, and its turn goes to the next', async () => {
    const lock = lockOf(['a'], { queueTimeoutMs: 5 });
    const seat = lock.tryEnter() as string;
    await expect(Promise.allSettled([lock.enter(), lock.enter()])).resolves.toEqual([
      { status: 'rejected', reason: new Error('too late') },
      { status: 'rejected', reason: new Error('too late') },
    ]);
    const next = lock.enter();
    lock.leave(seat);
    await expect(next).resolves.toBe('a');
  });

  test('is refused where the queue is full, until one leaves it', async () => {
    const lock = lockOf(['a'], { maxQueue: 1 });
    const seat = lock.tryEnter() as string;
    const leaving = new AbortController();
    const first = lock.enter({ signal: leaving.signal });
    await expect(lock.enter()).rejects.toThrow('too many');
    leaving.abort('gone');
    await expect(first).rejects.toBe('gone');
    const second = lock.enter();
    lock.leave(seat);
    await expect(second).resolves.toBe('a');
  });
});

describe('hammer', () => {
  test('3,000 waiters that abort at any moment lose no turn and let nobody in twice', async () => {
    const lock = lockOf(['a', 'b']);
    const inside = new Set<string>();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 3_000 }, async (_, caller) => {
        const leaving = new AbortController();
        if (caller % 3 === 0) setImmediate(() => leaving.abort('gone'));
        if (caller % 7 === 0) queueMicrotask(() => leaving.abort('gone'));
        await visit(lock, inside, caller % 5 === 0 ? 1 : 0, leaving.signal);
      }),
    );
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(new Set(reasons)).toEqual(new Set(['gone']));
    expect(lock.waiting).toBe(0);
    expect([lock.tryEnter(), lock.tryEnter(), lock.tryEnter()].sort()).toEqual(['a', 'b', undefined]);
  });

  test('any mix of calls, aborts and new seats keeps every seat to one call, and comes to rest', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), turns: fc.nat(3) }),
      fc.record({ kind: fc.constant('abort' as const), which: fc.nat() }),
      fc.constant({ kind: 'seat' as const }),
      fc.constant({ kind: 'turn' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const lock = lockOf(['first']);
        const inside = new Set<string>();
        const calls: { done: Promise<unknown>; leaving: AbortController }[] = [];
        let seats = 1;
        for (const next of steps) {
          if (next.kind === 'call') {
            const leaving = new AbortController();
            calls.push({ done: visit(lock, inside, next.turns, leaving.signal).catch((error) => error), leaving });
          } else if (next.kind === 'abort') calls[next.which % Math.max(1, calls.length)]?.leaving.abort('gone');
          else if (next.kind === 'turn') await turn();
          else {
            lock.leave(`seat ${seats}`);
            seats += 1;
          }
        }
        for (const outcome of await Promise.all(calls.map(({ done }) => done))) {
          expect([undefined, 'gone']).toContain(outcome);
        }
        await turn();
        for (let left = seats; left > 0; left -= 1) expect(lock.tryEnter()).toBeDefined();
        expect(lock.tryEnter()).toBeUndefined();
      }),
    );
  });
});
