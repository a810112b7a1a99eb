import { Cancellation } from '../protocol/cancellation.ts';

/** How often progress may reset the deadline: one request takes at most this many deadlines. */
const MAX_PROLONGED = 10;

/** The time that one request may take. Progress notifications reset it; while the client is asked something, it is paused. */
export class Deadline {
  /** Ends with the client's wish to go on, or at the deadline. */
  readonly cancellation: ReturnType<typeof Cancellation.within>;
  readonly #timeoutMs: number;
  readonly #late: () => Error;
  #timer: NodeJS.Timeout | undefined;
  #prolonged = 0;
  #holds = 0;
  #isOver = false;

  /** @param late - Makes the reason that the cancellation has at the deadline. */
  constructor(timeoutMs: number, outer: Cancellation, late: () => Error) {
    this.#timeoutMs = timeoutMs;
    this.#late = late;
    this.cancellation = Cancellation.within(outer);
    this.#restart();
  }

  /** Resets the deadline, a limited number of times. */
  prolong(): void {
    if (++this.#prolonged < MAX_PROLONGED) this.#restart();
  }

  /** Pauses the deadline while something else is waited for; the returned function starts it again in full. */
  hold(): () => void {
    this.#holds++;
    this.#restart();
    return () => {
      this.#holds--;
      this.#restart();
    };
  }

  /** The request has been answered: nothing of it may start the timer again. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.cancellation.detach();
  }

  #restart(): void {
    clearTimeout(this.#timer);
    if (this.#holds > 0 || this.#isOver) return;
    this.#timer = setTimeout(() => this.cancellation.cancel(this.#late()), this.#timeoutMs);
  }
}
