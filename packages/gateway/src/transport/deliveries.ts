import { ceilingReached } from '../ceilings.ts';

/** Messages without an answer, such as what a ping is answered with, that are on their way to one server at once. */
const MAX_AT_ONCE = 64;

/** And those that wait for their turn. */
const MAX_WAITING = 1_000;

/**
 * The messages to a server over HTTP that get no answer. Each is a request of its own: one that pings in a loop would otherwise
 * open as many connections as it likes, and use up the files that the process may have open.
 */
export class Deliveries {
  readonly #waiting: ((over: () => void) => void)[] = [];
  #open = 0;

  /** @param begin - Sends the message, and calls what it is given once that is over, however it ended. */
  add(begin: (over: () => void) => void): void {
    if (this.#open < MAX_AT_ONCE) this.#begin(begin);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(begin);
    else ceilingReached('undelivered');
  }

  #begin(begin: (over: () => void) => void): void {
    this.#open++;
    let isOver = false;
    begin(() => {
      if (isOver) return;
      isOver = true;
      this.#open--;
      const next = this.#waiting.shift();
      if (next) this.#begin(next);
    });
  }
}
