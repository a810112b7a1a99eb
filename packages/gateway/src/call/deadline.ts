import { Cancellation } from '../protocol/cancellation.ts';

/** How often progress may start the deadline anew: the longest time of one request is so many deadlines. */
const MAX_PROLONGED = 10;

/** The time that one request may take. Progress starts it anew; while the client is asked something, the clock stands. */
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

  /** Starts the deadline anew, a limited number of times. */
  prolong(): void {
    if (++this.#prolonged < MAX_PROLONGED) this.#restart();
  }

  /** Stops the clock while something else is waited for; the function it answers starts it anew. */
  hold(): () => void {
    this.#holds++;
    this.#restart();
    return () => {
      this.#holds--;
      this.#restart();
    };
  }

  /** The request has been answered: nothing of it may start the clock again. */
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
