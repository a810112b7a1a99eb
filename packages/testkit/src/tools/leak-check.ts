import { AssertionError } from 'node:assert';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { idle } from './idle.ts';

const ROUNDS = 200;

/**
 * Runs the body twice and compares what the process holds after each run: timers, sockets, file handles, worker threads and listeners
 * on `process`. The first run warms up whatever is made once and kept.
 *
 * @throws AssertionError that names what was left, when it is still there after the event loop has had time to close it.
 */
export async function leakCheck(body: () => Promise<void>): Promise<void> {
  // Node lists threads nowhere, but tells when one is made.
  const workers = new Set<Worker>();
  const onWorker = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  };
  subscribe('worker_threads', onWorker);
  try {
    await body();
    await settled(() => false);
    const before = held(workers);
    await body();
    await settled(() => excess(before, held(workers)).length === 0);
    const left = excess(before, held(workers));
    if (left.length > 0) {
      throw new AssertionError({ message: `left behind: ${left.join(', ')}`, operator: 'leakCheck' });
    }
  } finally {
    unsubscribe('worker_threads', onWorker);
  }
}

async function settled(done: () => boolean): Promise<void> {
  for (let round = 0; round < ROUNDS && !done(); round += 1) await idle(5);
}

function held(workers: ReadonlySet<Worker>): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (what: string, count = 1): void => {
    counts.set(what, (counts.get(what) ?? 0) + count);
  };
  if (workers.size > 0) add('Worker', workers.size);
  // `setImmediate`, which waits between two looks, shows here too.
  for (const resource of process.getActiveResourcesInfo()) if (resource !== 'Immediate') add(resource);
  for (const event of process.eventNames()) add(`process.on('${String(event)}')`, process.listenerCount(event));
  return counts;
}

function excess(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].flatMap(([what, count]) => {
    const more = count - (before.get(what) ?? 0);
    return more > 0 ? [`${more} ${what}`] : [];
  });
}
