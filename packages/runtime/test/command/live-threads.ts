import type { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** How many threads there are that were started since: nothing else shows what nobody waits for any more. */
export function countingThreads(): () => number {
  const live = new Set<Worker>();
  const began = (worker: Worker): void => {
    live.add(worker);
    worker.once('exit', () => live.delete(worker));
  };
  process.on('worker', began);
  onTestFinished(() => void process.off('worker', began));
  return () => live.size;
}
