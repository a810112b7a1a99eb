import { Slots } from '../protocol/slots.ts';

/** An exchange that nobody waits for ends between once and twice this time after that, in milliseconds. */
const SWEEP_MS = 5_000;

/** Something over HTTP that has begun and not ended. */
export interface OpenExchange {
  /** Whether somebody waits for what it brings. */
  readonly isWanted: boolean;
  /** Ends it, whatever is still missing. */
  end(): void;
}

/**
 * The HTTP exchanges of one link. A server should end an exchange that has done its work; where it does not, it is ended for
 * it, with one timer for all, or each would keep a connection for good.
 */
export class OpenExchanges {
  readonly #open = new Slots<OpenExchange>();
  #unwanted: ReadonlySet<OpenExchange> = new Set();
  #timer: NodeJS.Timeout | undefined;

  /** Answers the place by which it is taken away when it has ended. */
  add(exchange: OpenExchange): number {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return this.#open.add(exchange);
  }

  remove(place: number): void {
    this.#open.remove(place);
  }

  endAll(): void {
    for (const exchange of this.#open.values()) exchange.end();
    this.#sweep();
  }

  #sweep(): void {
    const unwanted = this.#open.values().filter(({ isWanted }) => !isWanted);
    for (const exchange of unwanted) if (this.#unwanted.has(exchange)) exchange.end();
    this.#unwanted = new Set(unwanted);
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
