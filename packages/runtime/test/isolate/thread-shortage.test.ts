import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoThreadError } from '../../src/errors.ts';
import { ThreadPool } from '../../src/isolate/threads.ts';
import type { WorkerThread } from '../../src/isolate/worker-thread.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A pool on a system that gives so many threads, and whose guests can be parked so often. */
function openPool(system: { threads: number; parks: number }) {
  const refusal = Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
  let asked = 0;
  const start = async (_bytes: number, onExit: (thread: WorkerThread) => void): Promise<WorkerThread> => {
    asked += 1;
    if (system.threads === 0) throw refusal;
    system.threads -= 1;
    const end = async () => onExit(thread);
    const thread = { pace: { isLowered: false }, unref: () => {}, end } as unknown as WorkerThread;
    return thread;
  };
  const taken: WorkerThread[] = [];
  const pool = new ThreadPool(
    65_536,
    (_pool, idleMs) => {
      // Its guests have been called a moment ago, and are parked only where that must be.
      const thread = system.parks > 0 && idleMs === 0 ? taken.shift() : undefined;
      if (thread === undefined) return undefined;
      system.parks -= 1;
      return Promise.resolve().then(() => pool.giveBack(thread));
    },
    start,
  );
  const take = async (): Promise<WorkerThread> => {
    const thread = await pool.take(new AbortController().signal);
    taken.push(thread);
    pool.noteIdle();
    return thread;
  };
  return { pool, take, taken, asked: () => asked, refusal };
}

describe('where the system gives no more threads', () => {
  test('whoever needs one gets that of a guest that idles, and the system is asked once a second', async () => {
    const { pool, take, asked } = openPool({ threads: 3, parks: 1_000 });
    const guests = await Promise.all(Array.from({ length: 40 }, take));
    expect(new Set(guests).size).toBe(3);
    const before = asked();
    await Promise.all(Array.from({ length: 40 }, take));
    expect(asked()).toBe(before);
    await pool.close();
  });

  test('whoever waits longer than five seconds is told, and what the limit is called', async () => {
    const { pool, take, refusal } = openPool({ threads: 1, parks: 0 });
    await take();
    const second = expect(take()).rejects.toMatchObject({
      code: 'RUNTIME_NO_THREAD',
      cause: refusal,
      message: expect.stringContaining('1 guests have one'),
    });
    await vi.advanceTimersByTimeAsync(6_000);
    await second;
    await pool.close();
  });

  test('whoever needs the first one is told at once', async () => {
    const { pool, take } = openPool({ threads: 0, parks: 0 });
    await expect(take()).rejects.toMatchObject({ code: 'RUNTIME_NO_THREAD' });
    await pool.close();
  });

  test('what is wrong with the program of the thread is told as what it is, and no limit is blamed for it', () => {
    const gone = Object.assign(new Error("Cannot find module 'worker-entry.js'"), { code: 'ERR_MODULE_NOT_FOUND' });
    const told = (cause: Error): string => new NoThreadError({ threads: 2 }, { cause }).message;
    expect(told(gone)).toBe(
      "A thread for another guest did not start; 2 guests have one. It said: Cannot find module 'worker-entry.js'",
    );
    const refused = Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
    expect(told(refused)).toContain('Raise its limit of threads');
  });

  test('one that ends makes room for another', async () => {
    const system = { threads: 1, parks: 0 };
    const { pool, take } = openPool(system);
    const first = await take();
    const waiting = take();
    await vi.advanceTimersByTimeAsync(0);
    system.threads = 1;
    await first.end();
    await expect(waiting).resolves.not.toBe(first);
    await pool.close();
  });

  test('the system is asked again after a second', async () => {
    const system = { threads: 1, parks: 0 };
    const { pool, take } = openPool(system);
    await take();
    const waiting = take();
    await vi.advanceTimersByTimeAsync(500);
    system.threads = 1;
    await vi.advanceTimersByTimeAsync(500);
    await expect(waiting).resolves.toBeDefined();
    await pool.close();
  });
});
