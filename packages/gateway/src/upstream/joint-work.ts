import { Cancellation } from '../protocol/cancellation.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';

/** Work that is done once for all who wait for it: they get the same outcome, and when the last has left it is cancelled. */
export class JointWork<T> {
  /** What it comes to, for those who do not count as waiting. */
  readonly outcome: Promise<T>;
  readonly #unwanted = new Cancellation();
  #waiting = 0;
  #isTaken = false;

  constructor(work: (cancellation: Cancellation) => Promise<T>) {
    this.outcome = work(this.#unwanted);
    this.outcome.catch(() => {}); // heard by those who wait
  }

  /** Whether somebody waits for it, or has its result. */
  get isWanted(): boolean {
    return this.#waiting > 0 || this.#isTaken;
  }

  /** @throws what the work throws, or the reason why it is wanted here no longer. */
  async wait(cancellation: Cancellation): Promise<T> {
    this.#waiting++;
    try {
      const result = await unlessCancelled(cancellation, this.outcome);
      this.#isTaken = true;
      return result;
    } finally {
      this.#waiting--;
      if (!this.isWanted) this.#unwanted.cancel(new Error('nobody waits for it any longer'));
    }
  }
}
