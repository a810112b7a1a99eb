import { SLOW_MS, type ThreadPace } from './thread-pace.ts';

/** Looks, while guests compute, for those that do so for long. One timer for all of them, and none while none does. */
export class SlowGuests {
  readonly #threads: Iterable<{ readonly pace: ThreadPace }>;
  #timer: NodeJS.Timeout | undefined;

  constructor(threads: Iterable<{ readonly pace: ThreadPace }>) {
    this.#threads = threads;
  }

  /** A guest has begun to compute. */
  watch(): void {
    this.#timer ??= setTimeout(() => this.#look(), SLOW_MS).unref();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    let again = false;
    for (const { pace } of this.#threads) again = pace.look() || again;
    if (again) this.watch();
  }
}
