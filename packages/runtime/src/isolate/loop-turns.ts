/** So long guests compute in the calling thread before its event loop turns. */
const MOST_MS = 10;

/**
 * Keeps guests in the calling thread from holding up its event loop between them: callers in a row never wait for anything, so that it would not turn before the last of them has its answer. What
 * one call computes it cannot shorten.
 */
export class LoopTurns {
  readonly #now: () => number;
  #computedMs = 0;
  #turn: Promise<void> | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the loop should turn before the next guest computes. */
  get isDue(): boolean {
    return this.#computedMs >= MOST_MS;
  }

  /** A guest has computed since then, by {@link performance.now}. Time in which it waited may be in it, and costs no more than a turn. */
  computedSince(startedMs: number): void {
    this.#computedMs += this.#now() - startedMs;
  }

  /** Resolves when the loop has turned; who has waited looks again whether one is due, since others were resolved before. */
  turn(): Promise<void> {
    this.#turn ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#turn = undefined;
        this.#computedMs = 0;
        resolve();
      }),
    );
    return this.#turn;
  }
}
