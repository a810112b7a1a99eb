/** A guest that computes longer than this at a time does not do so at the expense of quick ones. */
export const SLOW_MS = 10;
/** How long a guest has to be quick before it gets a thread of ordinary priority again. */
const CALM_MS = 10_000;

/** One thread, as the system sees it. */
export interface ThreadControl {
  /** Processor time that it has taken so far, in ms; NaN where the system does not say. */
  readonly processorMs: () => number;
  /** Lowers its priority for good, and answers whether that could be done. */
  readonly lower: () => boolean;
}

/** How long the guest of one thread computes at a time. A thread's priority is lowered once: nobody may raise it again. */
export class ThreadPace {
  readonly #control: ThreadControl;
  readonly #now: () => number;
  #sinceMs = Number.POSITIVE_INFINITY;
  /** Processor time when the guest was seen to be long at it; waiting for a busy processor is not its fault. */
  #processorMs: number | undefined;
  #isSlow = false;
  #slowAtMs = 0;
  #isLowered = false;
  #isCalm = false;

  constructor(control: ThreadControl, now: () => number = () => performance.now()) {
    this.#control = control;
    this.#now = now;
  }

  get isLowered(): boolean {
    return this.#isLowered;
  }

  /** The thread is slow, and its guest no longer is: it should have another one. */
  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** The guest computes. */
  begin(): void {
    this.#sinceMs = this.#now();
  }

  /** The guest waits for the host, or has come back. */
  end(): void {
    if (this.#isLowered) this.#isCalm = this.#now() - this.#slowAtMs >= CALM_MS;
    this.#sinceMs = Number.POSITIVE_INFINITY;
    this.#processorMs = undefined;
    this.#isSlow = false;
  }

  /** Lowers the priority where the guest has computed for long; answers whether to look again. */
  look(): boolean {
    const now = this.#now();
    if (this.#isSlow || this.#sinceMs === Number.POSITIVE_INFINITY) return false;
    if (now - this.#sinceMs < SLOW_MS) return true;
    const processorMs = this.#control.processorMs();
    this.#processorMs ??= processorMs;
    if (!(processorMs - this.#processorMs >= SLOW_MS)) return Number.isFinite(processorMs);
    this.#isSlow = true;
    this.#slowAtMs = now;
    this.#isLowered ||= this.#control.lower();
    return false;
  }
}
