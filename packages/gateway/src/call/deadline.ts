import { type Cancellation, InnerCancellation } from '../protocol/cancellation.ts';

/** One request takes at most this many deadlines, however often progress resets it. */
const MOST_DEADLINES = 10;

/**
 * The time that one request may take, and the end of it: with the client's wish to go on, or at the deadline. Progress notifications reset it;
 * while the client is asked something, it is paused.
 */
export class Deadline extends InnerCancellation {
  readonly #timeoutMs: number;
  readonly #late: () => Error;
  #timer: NodeJS.Timeout | undefined;
  #leftMs: number;
  /** How much of the time has run, before that which runs now. */
  #spentMs = 0;
  /** When the time that is left began to run; undefined while it does not. */
  #since: number | undefined;
  #holds = 0;
  #isOver = false;

  /** @param late - Makes the reason that it is cancelled with at the deadline. */
  constructor(timeoutMs: number, outer: Cancellation, late: () => Error) {
    super(outer);
    this.#timeoutMs = timeoutMs;
    this.#late = late;
    this.#leftMs = timeoutMs;
    this.#run();
  }

  /** Resets the deadline, as far as the request may take longer. */
  prolong(): void {
    this.#stop();
    this.#leftMs = Math.min(this.#timeoutMs, this.#timeoutMs * MOST_DEADLINES - this.#spentMs);
    this.#run();
  }

  /** Pauses the deadline while something else is waited for; with the returned function what was left of it goes on. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#stop();
    return () => {
      if (--this.#holds === 0) this.#run();
    };
  }

  /** The request has been answered: nothing of it may start the timer again. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.detach();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    if (this.#since === undefined) return;
    const ranMs = performance.now() - this.#since;
    this.#since = undefined;
    this.#leftMs -= ranMs;
    this.#spentMs += ranMs;
  }

  #run(): void {
    if (this.#holds > 0 || this.#isOver) return;
    this.#since = performance.now();
    this.#timer = setTimeout(passed, this.#leftMs, this);
  }

  /** The time is over. */
  pass(): void {
    this.cancel(this.#late());
  }
}

/** One function for all timers. */
function passed(deadline: Deadline): void {
  deadline.pass();
}
