import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { echoGuest } from '@lockgate/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { built } from '../built-runtime.ts';

const MANY = 24;
const RESIDENT = 16;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Counts the worker threads that live. */
class LivingThreads implements Disposable {
  count = 0;
  readonly #ended: Set<() => void> = new Set();
  readonly #note = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    this.count += 1;
    worker.once('exit', () => {
      this.count -= 1;
      for (const tell of this.#ended) tell();
    });
  };

  constructor() {
    subscribe('worker_threads', this.#note);
  }

  /** Resolves when there are no more than so many. */
  async downTo(count: number): Promise<void> {
    while (this.count > count) await new Promise<void>((resolve) => this.#ended.add(resolve));
  }

  [Symbol.dispose](): void {
    unsubscribe('worker_threads', this.#note);
  }
}

async function openMany() {
  const runtime = await built.createRuntime();
  const plugins = await Promise.all(Array.from({ length: MANY }, () => runtime.loadPlugin(echoGuest())));
  let round = 0;
  const callAll = async (): Promise<void> => {
    round += 1;
    const counts = await Promise.all(plugins.map((plugin) => plugin.execute('count', {})));
    expect(counts.map(({ data }) => Number(data))).toEqual(plugins.map(() => round));
  };
  const callInTurn = async (): Promise<void> => {
    round += 1;
    for (const plugin of plugins) expect((await plugin.execute('count', {})).data).toBe(`${round}`);
  };
  return { callAll, callInTurn, [Symbol.asyncDispose]: () => runtime.close() };
}

test('guests that are called again within ten seconds come to have a thread each, and lose it when they fall silent', async () => {
  using threads = new LivingThreads();
  await using many = await openMany();
  while (threads.count < MANY) await many.callAll();
  await vi.advanceTimersByTimeAsync(20_000); // it is looked at every ten seconds who has fallen silent
  await threads.downTo(RESIDENT);
  await many.callAll();
});

test('guests that are called less often than every ten seconds share the threads that are kept', async () => {
  using threads = new LivingThreads();
  await using many = await openMany();
  await many.callInTurn();
  const before = threads.count;
  for (let round = 0; round < 5; round += 1) {
    await vi.advanceTimersByTimeAsync(10_001);
    await many.callInTurn();
  }
  expect(threads.count).toBeLessThanOrEqual(before);
});
