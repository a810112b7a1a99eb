/** How often progress may start the deadline anew: the longest time of one request is so many deadlines. */
const MAX_PROLONGED = 10;

/** What work under a deadline can do about it. */
export interface Deadline {
  /** Ends with the client's signal, or at the deadline. */
  readonly signal: AbortSignal;
  /** Starts the deadline anew, a limited number of times. */
  prolong(): void;
  /** Stops the clock while something else is waited for; the function it answers starts it anew. */
  hold(): () => void;
}

/**
 * Runs work that must end in time.
 *
 * @param late - Makes the reason that the signal has at the deadline.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal,
  late: () => Error,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const onAbort = (): void => ending.abort(signal.reason);
  const start = (): NodeJS.Timeout => setTimeout(() => ending.abort(late()), timeoutMs);
  let timer: NodeJS.Timeout | undefined = start();
  let prolonged = 0;
  let holds = 0;
  let over = false;
  const restart = (): void => {
    clearTimeout(timer);
    timer = holds === 0 && !over ? start() : undefined;
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work({
      signal: ending.signal,
      prolong: () => {
        if (++prolonged < MAX_PROLONGED) restart();
      },
      hold: () => {
        holds++;
        restart();
        return () => {
          holds--;
          restart();
        };
      },
    });
  } finally {
    over = true; // nothing of this work may start the clock again
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
