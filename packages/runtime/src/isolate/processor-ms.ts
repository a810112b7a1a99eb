import { readFileSync } from 'node:fs';

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * Processor time that a thread of this process has taken so far, in ms; NaN where the system does not say: it has just ended, this is no Linux,
 * or one that does not count.
 *
 * @param thread - Its `threadNumber`.
 */
export function processorMs(thread: number): number {
  if (thread === 0) return Number.NaN;
  try {
    // A thread that has run at all has taken some: nothing but zeros is what a system says that does not count.
    const taken = Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
    return taken > 0 ? taken / NANOSECONDS_PER_MS : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
