import { trappingGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { NoThreadError } from '../../src/errors.ts';
import { CallStats } from '../../src/instance/call-stats.ts';
import type { Instance, ParkedInstance } from '../../src/instance/instance.ts';
import { Pool } from '../../src/instance/pool.ts';
import { resolveLimits } from '../../src/options.ts';
import { openPlugin } from '../open-plugin.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const MEMORY_BYTES = 131_072;

/** A pool of one instance, which has been parked; what it is started with next, and how that ends, is up to the test. */
async function openParked() {
  const parked = { state: { memoryBytes: MEMORY_BYTES }, idleSinceMs: 0 } as ParkedInstance;
  const instance = {
    memoryBytes: MEMORY_BYTES,
    dispose: async () => {},
    stop: () => {},
    park: async () => parked,
  } as unknown as Instance;
  const starts: { readonly from: ParkedInstance | undefined; readonly end: PromiseWithResolvers<Instance> }[] = [];
  const failures: unknown[] = [];
  const pool = new Pool({
    name: () => 'mine',
    limits: resolveLimits({}, {}),
    tellsLeaks: true,
    instances: { min: 1, max: 1 },
    logger: quiet,
    onFailure: (failure) => failures.push(failure),
    stats: new CallStats(),
    start: (from) => {
      const end = Promise.withResolvers<Instance>();
      starts.push({ from, end });
      return end.promise;
    },
    onIdle: () => {},
  });
  const opened = pool.open();
  starts[0]?.end.resolve(instance);
  await opened;
  await pool.park(instance);
  return { pool, parked, instance, starts, failures, [Symbol.asyncDispose]: () => pool.close(0) };
}

test('a parked guest counts as one while a thread for it is under way', async () => {
  await using opened = await openParked();
  const { pool, instance, starts } = opened;
  const seen = () => ({ size: pool.size, memoryBytes: pool.memoryBytes });
  const one = { size: 1, memoryBytes: MEMORY_BYTES };
  expect(seen()).toEqual(one);
  const entered = pool.enter(undefined);
  expect(seen()).toEqual(one);
  starts[1]?.end.resolve(instance);
  await entered;
  expect(seen()).toEqual(one);
});

test('a parked guest for which there is no thread is kept for the next call, and is not to blame', async () => {
  await using opened = await openParked();
  const { pool, parked, instance, starts, failures } = opened;
  for (let call = 1; call <= 6; call += 1) {
    const refused = expect(pool.enter(undefined)).rejects.toMatchObject({ code: 'RUNTIME_NO_THREAD' });
    starts[call]?.end.reject(new NoThreadError({ threads: 3 }));
    await refused;
  }
  expect({ failures, size: pool.size, crashLooping: pool.crashLooping }).toEqual({
    failures: [],
    size: 1,
    crashLooping: false,
  });
  const entered = pool.enter(undefined);
  starts.at(-1)?.end.resolve(instance);
  await expect(entered).resolves.toBe(instance);
  expect(starts.at(-1)?.from).toBe(parked);
});

test('bad calls of many callers at once give no pool a rest before each of its instances had a row of its own', async () => {
  const instances = { min: 4, max: 4 };
  await using opened = await openPlugin(trappingGuest(), { isolation: 'inline', instances });
  const { plugin } = opened;
  const trap = (): Promise<string> =>
    plugin.execute('misbehave', { message: '' }).then(
      () => 'answered',
      ({ code }: { code: string }) => code,
    );
  const first = await Promise.all(Array.from({ length: 16 }, trap));
  expect(new Set(first)).toEqual(new Set(['RUNTIME_GUEST_TRAP']));
  expect((await plugin.execute('echo', { message: 'a' })).isError).toBe(false);
  const broken = await Promise.all(Array.from({ length: 40 }, trap));
  expect(broken).toContain('RUNTIME_CRASH_LOOP');
});
