import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { bulkyGuest, idle, unhealthyGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import type { Loader } from '../src/index.ts';
import { openStage } from './stage.ts';

const MIB = 1024 * 1024;
/** Garbage is collected after each so many, or what the allocator keeps of a peak would hide what is held. */
const RELOADS_PER_ROUND = 50;
const ROUNDS = 10;

const [A, B] = ['A:', 'B:'].map((prefix) => bulkyGuest({ prefix, codeBytes: MIB })) as [Uint8Array, Uint8Array];

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('500 reloads of a 1 MB guest leave memory where it was after 50', async () => {
  await using stage = await openStage();
  const handle = await stage.loader.load(A, { name: 'bulky' });
  const residentMib: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await reload(stage.loader, RELOADS_PER_ROUND);
    residentMib.push(await residentMibAfterCollection());
  }

  expect((await handle.stats()).instances).toBe(1);
  // One forgotten version per reload, or one copy of its bytes, would be 450 MB.
  expect((residentMib.at(-1) ?? Number.NaN) - (residentMib[0] ?? Number.NaN)).toBeLessThan(64);
});

test('reloads, taken or rejected, leave no worker behind but the live one', async () => {
  const workers = new Set<Worker>();
  const onWorker = (message: unknown): void => {
    const { worker } = message as { worker: Worker };
    workers.add(worker);
    worker.on('exit', () => workers.delete(worker));
  };
  subscribe('worker_threads', onWorker);
  try {
    await using stage = await openStage({ isolation: 'worker' });
    await stage.loader.load(A, { name: 'bulky', requireHealthy: true });
    expect(workers.size).toBe(1);
    await reload(stage.loader, 20);
    expect(workers.size).toBe(1);
    await expect(stage.loader.reload('bulky', unhealthyGuest())).rejects.toThrow('healthy');
    expect(workers.size).toBe(1);
    await stage.loader.unload('bulky');
    expect(workers.size).toBe(0);
  } finally {
    unsubscribe('worker_threads', onWorker);
  }
});

/** Reloads so many times, each time with a call, and waits until every old version is closed. */
async function reload(loader: Loader, times: number): Promise<void> {
  const allDrained = Promise.withResolvers<void>();
  let draining = times;
  const off = loader.on('drained', () => {
    draining -= 1;
    if (draining === 0) allDrained.resolve();
  });
  for (let round = 1; round <= times; round += 1) {
    await loader.reload('bulky', round % 2 === 1 ? B : A);
    await loader.get('bulky').execute('echo', { message: 'x' });
  }
  await allDrained.promise;
  off();
}

async function residentMibAfterCollection(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    collectGarbage();
    await idle();
  }
  return process.memoryUsage.rss() / MIB;
}
