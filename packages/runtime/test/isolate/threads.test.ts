import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { CacheStats, CompilationCache } from '@lockgate/cache';
import {
  BACKEND_URL,
  Backend,
  echoGuest,
  endlessGuest,
  fetchEchoGuest,
  leakCheck,
  recursingGuest,
  stackLeakingGuest,
  trappingGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { InstanceCount, Plugin } from '../../src/index.ts';
import { ThreadPool } from '../../src/isolate/threads.ts';
import { built } from '../built-runtime.ts';

const MANY = 48;
/** The count that `count` answers includes the call itself. */
const counted = (plugin: Plugin) => plugin.execute('count', {}).then(({ data }) => Number(data));

/** Counts the worker threads that the process starts. */
class StartedThreads implements Disposable {
  count = 0;
  readonly #note = (): void => {
    this.count += 1;
  };

  constructor() {
    subscribe('worker_threads', this.#note);
  }

  [Symbol.dispose](): void {
    unsubscribe('worker_threads', this.#note);
  }
}

/** So many plugins with a state, in a runtime whose HTTP goes to a backend with gates. */
async function openMany(bytes: Uint8Array = fetchEchoGuest(), instances: InstanceCount = {}) {
  const backend = new Backend();
  const runtime = await built.createRuntime({ fetch: backend.fetch });
  const http = { allow: [new URL(BACKEND_URL).hostname] };
  const load = (index: number) => runtime.loadPlugin(bytes, { http, instances, settings: { index: `${index}` } });
  const plugins = await Promise.all(Array.from({ length: MANY / (instances.min ?? 1) }, (_, index) => load(index)));
  return { runtime, backend, plugins, [Symbol.asyncDispose]: () => runtime.close() };
}

test('whoever waits for a thread is gone as soon as the signal says so', async () => {
  await leakCheck(async () => {
    const pool = new ThreadPool(65_536, () => undefined);
    const leaving = new AbortController();
    const taken = pool.take(leaving.signal);
    leaving.abort(new Error('closed'));
    await expect(taken).rejects.toThrow('closed');
    await pool.close();
  });
});

test('the thread of a guest starts while the guest is compiled, and no other is started for it', async () => {
  using threads = new StartedThreads();
  let startedBefore: number | undefined;
  const cache: CompilationCache = {
    ...{
      kind: 'memory',
      stats: () => ({}) as CacheStats,
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
    compile: async (bytes) => {
      startedBefore = threads.count;
      return new WebAssembly.Module(bytes as BufferSource);
    },
  };
  await using runtime = await built.createRuntime({ cache });
  const plugin = await runtime.loadPlugin(echoGuest());
  await expect(counted(plugin)).resolves.toBe(1);
  expect([startedBefore, threads.count]).toEqual([1, 1]);
});

describe('a guest that is replaced', () => {
  /** Fails three times, with good calls in between, and answers how many threads were started for it. */
  const failThrice = async (bytes: Uint8Array): Promise<number> => {
    using threads = new StartedThreads();
    await using runtime = await built.createRuntime();
    const plugin = await runtime.loadPlugin(bytes);
    for (let time = 0; time < 3; time += 1) {
      await expect(plugin.execute('misbehave', {})).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
      await expect(counted(plugin)).resolves.toBe(1);
    }
    return threads.count;
  };

  test('after a trap leaves its thread to the next one', async () => {
    await expect(failThrice(trappingGuest())).resolves.toBe(1);
  });

  test('after its stack was used up takes its thread with it: the host may have been in the middle of something', async () => {
    await expect(failThrice(recursingGuest())).resolves.toBeGreaterThan(3);
  });

  test('and took its thread with it is not missed for long: a spare one starts at once', async () => {
    using threads = new StartedThreads();
    const pool = new ThreadPool(65_536, () => undefined);
    const { signal } = new AbortController();
    await pool.take(signal);
    expect(threads.count).toBe(1);
    pool.noteLoss();
    await pool.take(signal);
    expect(threads.count).toBe(3);
    await pool.close();
  });
});

/** How nice each thread of this process is, from 0 on. */
function niceness(): number[] {
  const fields = (tid: string): string[] =>
    readFileSync(`/proc/self/task/${tid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return readdirSync('/proc/self/task').map((tid) => Number(fields(tid)[16]));
}

test.skipIf(process.platform !== 'linux' || getPriority() >= 19)(
  'a guest that computes for long makes way for others (not elsewhere than on Linux, nor in a process of the lowest priority)',
  async () => {
    await using runtime = await built.createRuntime();
    const [quick, endless] = await Promise.all([runtime.loadPlugin(echoGuest()), runtime.loadPlugin(endlessGuest())]);
    const leaving = new AbortController();
    const call = endless.execute('misbehave', {}, { signal: leaving.signal });
    const own = Math.max(0, getPriority());
    while (!niceness().some((nice) => nice > own)) await quick.execute('echo', { message: 'a' });
    expect(niceness().filter((nice) => nice > own)).toEqual([Math.min(19, own + 10)]);
    leaving.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  },
);

describe('many plugins', () => {
  test('share threads, and each goes on where it was', async () => {
    using threads = new StartedThreads();
    await using many = await openMany();
    for (let round = 1; round <= 3; round++) {
      await expect(Promise.all(many.plugins.map(counted))).resolves.toEqual(many.plugins.map(() => round));
    }
    const settings = await Promise.all(many.plugins.map((plugin) => plugin.execute('settings', {})));
    expect(settings.map(({ data }) => data)).toEqual(many.plugins.map((_, index) => `settings:{"index":"${index}"}`));
    expect(threads.count).toBeLessThan(MANY);
    const [stats] = await Promise.all(many.plugins.map((plugin) => plugin.stats()));
    expect(stats).toMatchObject({ instances: 1, recycled: 0, traps: 0, errors: 0 });
    expect(stats?.memoryBytes).toBeGreaterThan(0);
  });

  test('tell their settings to the instances that had no thread when those changed', async () => {
    await using many = await openMany(fetchEchoGuest(), { min: 2, max: 2 });
    const settingsOf = (plugin: Plugin) => plugin.execute('settings', {}).then(({ data }) => data);
    await Promise.all(many.plugins.map((plugin) => plugin.configure({ index: 'new' })));
    const both = await Promise.all(many.plugins.flatMap((plugin) => [settingsOf(plugin), settingsOf(plugin)]));
    expect(new Set(both)).toEqual(new Set(['settings:{"index":"new"}']));
  });

  test('leave a guest alone that is inside a call', async () => {
    await using many = await openMany();
    const [held, ...others] = many.plugins as [Plugin, ...Plugin[]];
    const gate = many.backend.gate('a');
    const call = held.execute('fetch-then-echo', { message: 'a' });
    await gate.reached;
    await Promise.all(others.map(counted));
    gate.open();
    await expect(call).resolves.toEqual({ data: 'a', isError: false });
    await expect(counted(held)).resolves.toBe(2);
  });

  test('leave a guest alone whose state is not whole without what it leaked', async () => {
    await using many = await openMany(stackLeakingGuest());
    for (let round = 1; round <= 2; round++) {
      await expect(Promise.all(many.plugins.map(counted))).resolves.toEqual(many.plugins.map(() => round));
    }
    const stats = await Promise.all(many.plugins.map((plugin) => plugin.stats()));
    expect(stats.every(({ leakedBytes }) => leakedBytes > 0)).toBe(true);
  });

  test('lose the guest alone that traps', async () => {
    await using many = await openMany(trappingGuest());
    const [traps, ...others] = many.plugins as [Plugin, ...Plugin[]];
    await Promise.all(many.plugins.map(counted));
    await expect(traps.execute('misbehave', {})).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    await expect(counted(traps)).resolves.toBe(1);
    await expect(Promise.all(others.map(counted))).resolves.toEqual(others.map(() => 2));
  });

  test('lose a call alone whose caller leaves while its guest has no thread yet', async () => {
    await using many = await openMany();
    const leaving = new AbortController();
    const calls = many.plugins.map((plugin) => plugin.execute('count', {}, { signal: leaving.signal }));
    leaving.abort(new Error('the client has gone'));
    const ended = await Promise.allSettled(calls);
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(Promise.all(many.plugins.map((plugin) => plugin.execute('echo', { message: 'a' })))).resolves.toEqual(
      many.plugins.map(() => ({ data: 'a', isError: false })),
    );
  });

  test('close in the middle of it, and leave nothing behind', async () => {
    await leakCheck(async () => {
      await using many = await openMany();
      const closed = { data: 'wasm: module closed', isError: true };
      const calls = many.plugins.map((plugin) => plugin.execute('echo', { message: 'a' }));
      await Promise.all(many.plugins.map((plugin) => plugin.close()));
      for (const answer of await Promise.all(calls))
        expect([closed, { data: 'a', isError: false }]).toContainEqual(answer);
    });
  });
});
