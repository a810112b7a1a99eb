/** How often it is looked whether something has been silent for too long, in milliseconds. */
const TICK_MS = 1_000;

/** An exchange that has been silent for so long shows that it lives, in milliseconds. */
const FIRST_SIGN_MS = 5_000;

/** And again after each such time. */
const NEXT_SIGN_MS = 15_000;

/** Something open that its other side may take for dead. */
export interface KeptAlive {
  /** Shows that it lives. */
  sign(): void;
}

/** Lets everything that is open show signs of life, with one timer for all. */
export class KeepAlive {
  readonly #due = new Map<KeptAlive, number>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(entry: KeptAlive): void {
    this.#due.set(entry, this.#now() + FIRST_SIGN_MS);
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  delete(entry: KeptAlive): void {
    this.#due.delete(entry);
  }

  /** Gives everything that is due its turn. */
  tick(): void {
    const now = this.#now();
    for (const [entry, due] of this.#due) {
      if (due > now) continue;
      this.#due.set(entry, now + NEXT_SIGN_MS);
      entry.sign();
    }
    if (this.#due.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
