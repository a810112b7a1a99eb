import { Slots } from '../protocol/slots.ts';

/** How often it is looked whether something has been silent for too long, in milliseconds. */
const TICK_MS = 1_000;

/** An exchange that has been silent for this long gets its first keep-alive comment, in milliseconds. */
const FIRST_SIGN_MS = 5_000;

/** The next ones follow at this interval, in milliseconds. */
const NEXT_SIGN_MS = 15_000;

/** Something open that a proxy or client may close when it is idle. */
export interface KeptAlive {
  /** Sends a keep-alive comment. */
  sign(): void;
}

interface Entry {
  readonly open: KeptAlive;
  due: number;
}

/** Sends keep-alive comments on everything that is open, with one timer for all. */
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
