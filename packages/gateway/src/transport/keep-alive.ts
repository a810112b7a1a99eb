import { Slots } from '../protocol/slots.ts';

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

interface Entry {
  readonly open: KeptAlive;
  due: number;
}

/** Lets everything that is open show signs of life, with one timer for all. */
export class KeepAlive {
  readonly #entries = new Slots<Entry>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Answers the place by which it is taken away. */
  add(open: KeptAlive): number {
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
    return this.#entries.add({ open, due: this.#now() + FIRST_SIGN_MS });
  }

  delete(place: number): void {
    this.#entries.remove(place);
  }

  /** Gives everything that is due its turn. */
  tick(): void {
    const now = this.#now();
    for (let place = 0; place < this.#entries.places; place++) {
      const entry = this.#entries.at(place);
      if (!entry || entry.due > now) continue;
      entry.due = now + NEXT_SIGN_MS;
      entry.open.sign();
    }
    if (this.#entries.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
