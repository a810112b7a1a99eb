import { type Cancellation, InnerCancellation } from '../protocol/cancellation.ts';

/** How often progress may reset the deadline: one request takes at most this many deadlines. */
const MAX_PROLONGED = 10;

/**
 * The time that one request may take, and the end of it: with the client's wish to go on, or at the deadline. Progress notifications reset it;
 * while the client is asked something, it is paused.
 */
export class Deadline extends InnerCancellation {
  readonly #timeoutMs: number;
  readonly #late: () => Error;
  #timer: NodeJS.Timeout | undefined;
  #leftMs: number;
  /** When the time that is left began to run. */
  #since = 0;
  #prolonged = 0;
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

  /** Resets the deadline, a limited number of times. */
  prolong(): void {
    if (++this.#prolonged >= MAX_PROLONGED) return;
    this.#leftMs = this.#timeoutMs;
    this.#run();
  }

  /** Pauses the deadline while something else is waited for; with the returned function what was left of it goes on. */
  hold(): () => void {
    if (this.#holds++ === 0) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#since;
    }
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

  #run(): void {
    clearTimeout(this.#timer);
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
