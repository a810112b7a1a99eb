/** Faults that a lock can have. */
export type LockFault =
  | 'no lock'
  | 'released by a stranger'
  | 'newest waiter first'
  | 'waiter lost on abort'
  | 'aborted waiter stays in the queue'
  | 'starts an aborted call'
  | 'trap drops the waiters'
  | 'turn lost when aborted at the grant'
  | 'turn given up twice'
  | 'listener left by a waiter'
  | 'listener left by a waiter that is turned away'
  | 'waiters forgotten at the close'
  | 'calls with a signal first'
  | 'aborted call queues';

interface Waiter {
  go(): void;
  turnAway(reason: unknown): void;
}

/** First come, first served; a waiter whose signal aborts leaves at once. Right without a fault, wrong in one way with it. */
export class TurnLock {
  readonly #fault: string | undefined;
  readonly #queue: Waiter[] = [];
  #taken = false;

  constructor(fault: string | undefined) {
    this.#fault = fault;
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const isLate = this.#fault === 'aborted call queues' || (this.#fault === 'starts an aborted call' && !this.#taken);
    if (!isLate) signal?.throwIfAborted();
    if (this.#fault === 'no lock') return work();
    const stopListening = this.#taken ? await this.#wait(signal) : undefined;
    if (this.#fault === 'turn lost when aborted at the grant') signal?.throwIfAborted();
    this.#taken = true;
    try {
      if (this.#fault === 'aborted call queues') signal?.throwIfAborted();
      return await work();
    } finally {
      if (this.#fault !== 'listener left by a waiter') stopListening?.();
      this.#leave();
    }
  }

  /** Turns everyone away who waits. */
  turnAway(reason: unknown): void {
    const waiting = this.#queue.splice(0);
    if (this.#fault !== 'waiters forgotten at the close') for (const waiter of waiting) waiter.turnAway(reason);
  }

  /** What follows a trap in a runtime that takes the queue down with the instance. */
  dropWaiters(): void {
    this.#queue.splice(0);
  }

  /** Gives, together with the turn, what is left to tidy up when it ends. */
  #wait(signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (this.#fault === 'aborted waiter stays in the queue') return;
        reject(signal?.reason);
        const place = this.#queue.indexOf(waiter);
        const gone = this.#fault === 'waiter lost on abort' ? 2 : 1;
        if (place >= 0) this.#queue.splice(place, gone);
        // As in `try { await lock.acquire() } finally { lock.release() }`, when acquiring was what failed.
        if (this.#fault === 'released by a stranger') this.#leave();
        if (this.#fault === 'turn given up twice' && place < 0) this.#leave();
      };
      const listensOn = this.#fault === 'turn given up twice' || this.#fault === 'listener left by a waiter';
      const stop = (): void => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        go: () => {
          if (!listensOn) stop();
          resolve(stop);
        },
        turnAway: (reason) => {
          if (this.#fault !== 'listener left by a waiter that is turned away') stop();
          reject(reason);
        },
      };
      const isAhead = this.#fault === 'calls with a signal first' && signal;
      if (isAhead || this.#fault === 'newest waiter first') this.#queue.unshift(waiter);
      else this.#queue.push(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #leave(): void {
    const next = this.#queue.shift();
    this.#taken = next !== undefined;
    next?.go();
  }
}
