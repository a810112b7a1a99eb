/** Time as the cache sees it. */
export interface Clock {
  /** Milliseconds since 1970; may jump back. */
  now(): number;
  /** Runs `work` later unless the answer is called before. Keeps no process alive. */
  after(delayMs: number, work: () => void): () => void;
}

/** The clock of this machine. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
