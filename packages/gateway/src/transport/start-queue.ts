import type { Cancellation } from '../protocol/cancellation.ts';

/** How long one that is slow keeps the others waiting, in milliseconds: many only wait for something themselves. */
const HOLD_MS = 10_000;

export interface TurnOptions {
  readonly cancellation: Cancellation;
  /** Whether somebody waits for it now: it goes before those for whom nobody does. */
  readonly isAwaited: () => boolean;
}

/**
 * Lets so many programs start at once, since more only make each other late. The others wait for their turn, those that
 * somebody waits for first. One that takes longer than ten seconds goes on, and the next begins.
 */
export class StartQueue {
  readonly #waiting: { readonly isAwaited: () => boolean; readonly begin: () => void }[] = [];
  #limit: number;
  #starting = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** So many may start at once from now on; those that are starting go on. */
  allow(limit: number): void {
    this.#limit = limit;
    this.#next();
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws the reason of the cancellation where that comes first; what the work throws.
   */
  async inTurn<T>(work: () => Promise<T>, options: TurnOptions): Promise<T> {
    const leave = await this.#turn(options);
    const timer = setTimeout(leave, HOLD_MS);
    timer.unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  async #turn({ cancellation, isAwaited }: TurnOptions): Promise<() => void> {
    cancellation.throwIfCancelled();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { isAwaited, begin: resolve };
    this.#waiting.push(waiter);
    const forget = cancellation.onCancel((reason) => {
      const at = this.#waiting.indexOf(waiter);
      // One whose turn has come is told by its own work.
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      reject(reason);
    });
    this.#next();
    await promise.finally(forget);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#starting--;
      this.#next();
    };
  }

  #next(): void {
    while (this.#starting < this.#limit) {
      const awaited = this.#waiting.findIndex(({ isAwaited }) => isAwaited());
      const [waiter] = this.#waiting.splice(Math.max(awaited, 0), 1);
      if (!waiter) return;
      this.#starting++;
      waiter.begin();
    }
  }
}
