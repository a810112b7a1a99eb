import { Semaphore } from 'async-mutex';

/** How long a waiter waits, and for what it leaves early. */
export interface WaitOptions {
  /** Ends the waiting; the waiter rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the lock says to waiters it sends away. */
export interface CallLockOptions {
  /** Longest wait, in milliseconds. */
  readonly queueTimeoutMs: number;
  /** Most waiters at once. */
  readonly maxQueue: number;
  readonly timeoutError: () => Error;
  readonly fullError: () => Error;
}

interface Waiter<Seat> {
  readonly resolve: (seat: Seat) => void;
  readonly reject: (reason: unknown) => void;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
}

/**
 * Gives each seat (an instance) to one call at a time, in the order the calls came. A call that finds a free seat and
 * nobody waiting takes it without a promise; the others queue in async-mutex, whose permits are seats handed on.
 *
 * @remarks The only user of async-mutex. `release`, `cancel` and `withTimeout` of it stay untouched: see
 * docs/rationale/runtime.md, "Why does an uncontended call pass the mutex by?".
 */
export class CallLock<Seat> {
  readonly #turns: Semaphore = new Semaphore(0);
  /** Seats that nobody holds. While somebody waits, each of them is promised to the head of the queue. */
  readonly #free: Seat[] = [];
  readonly #waiting: Set<Waiter<Seat>> = new Set();
  readonly #options: CallLockOptions;
  /** Permits given whose waiter has not come for its seat yet. */
  #promised = 0;
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallLockOptions) {
    this.#options = options;
  }

  /** Calls that wait now; those that gave up are not among them. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a free seat at once, or answers undefined where there is none or somebody is before the caller. */
  tryEnter(): Seat | undefined {
    return this.#waiting.size === 0 && this.#promised === 0 ? this.#free.pop() : undefined;
  }

  /** Waits for a seat. An abort, the time limit, or `rejectWaiting` end the wait at once, and the turn is not lost. */
  enter(options: WaitOptions = {}): Promise<Seat> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.size >= this.#options.maxQueue) return Promise.reject(this.#options.fullError());
    const { promise, resolve, reject } = Promise.withResolvers<Seat>();
    const onAbort = signal === undefined ? undefined : (): void => this.#leaveQueue(waiter, signal.reason);
    const deadlineMs = performance.now() + this.#options.queueTimeoutMs;
    const waiter: Waiter<Seat> = { resolve, reject, deadlineMs, signal, onAbort };
    if (onAbort) signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiter);
    this.#armTimer();
    this.#queued += 1;
    void this.#turns.acquire().then(() => this.#takeTurn(waiter));
    this.#handOn();
    return promise;
  }

  /** Gives a seat back, or brings a new one. */
  leave(seat: Seat): void {
    this.#free.push(seat);
    if (this.#queued > 0) this.#handOn();
  }

  /** Takes one seat out for good; false when it is in use, which means that its holder must not give it back. */
  remove(seat: Seat): boolean {
    if (!this.isFree(seat)) return false;
    this.#free.splice(this.#free.indexOf(seat), 1);
    return true;
  }

  /** Whether nobody has this seat, or is about to. */
  isFree(seat: Seat): boolean {
    // A promised seat belongs to a waiter already, even though it has not come for it yet.
    return this.#free.length > this.#promised && this.#free.includes(seat);
  }

  /** Turns away everyone who waits, now. */
  rejectWaiting(reason: () => unknown): void {
    for (const waiter of this.#waiting) this.#leaveQueue(waiter, reason());
  }

  /** Promises free seats to the head of the queue: one permit each. */
  #handOn(): void {
    while (this.#queued > this.#promised && this.#free.length > this.#promised) {
      this.#promised += 1;
      this.#turns.release();
    }
  }

  #takeTurn(waiter: Waiter<Seat>): void {
    this.#queued -= 1;
    this.#promised -= 1;
    if (!this.#waiting.delete(waiter)) {
      this.#handOn(); // it left before its turn came: the seat is still free, and the next one's
      return;
    }
    this.#forget(waiter);
    waiter.resolve(this.#free.pop() as Seat);
  }

  #leaveQueue(waiter: Waiter<Seat>, reason: unknown): void {
    if (!this.#waiting.delete(waiter)) return;
    this.#forget(waiter);
    waiter.reject(reason);
  }

  #forget({ signal, onAbort }: Waiter<Seat>): void {
    if (onAbort) signal?.removeEventListener('abort', onAbort);
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer for the oldest waiter: all wait equally long, so the first to come is the first whose time is over. */
  #armTimer(): void {
    if (this.#timer !== undefined) return;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, Math.ceil(oldest.deadlineMs - performance.now())));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const waiter of this.#waiting) {
      if (waiter.deadlineMs > now) break;
      this.#leaveQueue(waiter, this.#options.timeoutError());
    }
    this.#armTimer();
  }
}
