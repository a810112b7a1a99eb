import { performance } from 'node:perf_hooks';

/** Time as the cache sees it, and what there is of it. */
export interface Clock {
  /** Milliseconds since 1970; may jump back. */
  now(): number;
  /** Runs `work` later unless the answer is called before. Keeps the process alive only when it is waited for. */
  after(delayMs: number, work: () => void, options?: { readonly waitedFor?: boolean }): () => void;
  /** A question that tells whether this thread was mostly busy since it was last asked. */
  watchBusy(): () => boolean;
}

const BUSY = 0.5;

/** The clock of this machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, work, { waitedFor = false } = {}) => {
    const timer = setTimeout(work, delayMs);
    if (!waitedFor) timer.unref();
    return () => clearTimeout(timer);
  },
  watchBusy: () => {
    let last = performance.eventLoopUtilization();
    return () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization > BUSY;
    };
  },
};
