import { Slots } from '../protocol/slots.ts';

/** How often it is looked for exchanges that nobody waits for, in milliseconds. */
const SWEEP_MS = 1_000;

/** How long the rest of an exchange may take whose work is done, in seconds. */
export const REST_SECONDS = 1;

/** How long a message may take to be received where nobody waits for an answer, in seconds. */
export const DELIVERY_SECONDS = 10;

/** Something over HTTP that has begun and not ended. */
export interface OpenExchange {
  /** Whether somebody waits for what it brings. */
  readonly isWanted: boolean;
  /** How long it is left to end by itself where nobody does, in seconds; at most one more passes. */
  readonly patience: number;
  /** Ends it, whatever is still missing. */
  end(): void;
}

/**
 * The HTTP exchanges of one link. A server should end an exchange that has done its work; where it does not, it is ended for
 * it, with one timer for all, or each would keep a connection for good.
 */
export class OpenExchanges {
  readonly #open = new Slots<OpenExchange>();
  #unwanted: ReadonlyMap<OpenExchange, number> = new Map();
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
    const unwanted = new Map<OpenExchange, number>();
    for (const exchange of this.#open.values()) {
      if (exchange.isWanted) continue;
      const seconds = (this.#unwanted.get(exchange) ?? -1) + 1;
      if (seconds < exchange.patience) unwanted.set(exchange, seconds);
      else exchange.end();
    }
    this.#unwanted = unwanted;
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A request that was posted: it is open from when it has been sent until it is over, and ended where nobody waits for the rest. */
export abstract class PostedExchange implements OpenExchange {
  abstract readonly isWanted: boolean;
  abstract readonly patience: number;
  #isOver = false;
  #abort: (() => void) | undefined;
  #open: OpenExchanges | undefined;
  #place = 0;

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** It has been sent; it may be over already. */
  begun(abort: () => void, open: OpenExchanges): void {
    if (this.#isOver) return;
    this.#abort = abort;
    this.#open = open;
    this.#place = open.add(this);
  }

  end(): void {
    this.#abort?.();
    this.over();
  }

  protected over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#open?.remove(this.#place);
    this.onceOver();
  }

  /** Called once, when it is over. */
  protected onceOver(): void {}
}
