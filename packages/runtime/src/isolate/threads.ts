import { availableParallelism } from 'node:os';
import { SlowGuests } from './slow-guests.ts';
import { WorkerThread } from './worker-thread.ts';

/** Threads that are kept although their guests idle. With more of them, guests that idle are parked. */
const RESIDENT_THREADS = 16;
/** A guest that is missed sooner than this after its last call was worth another thread. */
const MISSED_WITHIN_MS = 10_000;
/** Below that number of threads, a guest that was called more recently than this leaves its own only to a crowd. */
const IN_USE_MS = 1_000;
const STARTING_AT_ONCE = Math.max(2, availableParallelism());
const MOST_SPARE = 2;

/**
 * Parks the guest that was called least recently, of those with a thread of this pool whose last call is so long ago; undefined
 * where there is none. What it answers resolves when the thread is free, or stays its guest's own after all.
 */
export type ParkOne = (pool: ThreadPool, idleMs: number) => Promise<void> | undefined;

interface Waiter extends PromiseWithResolvers<WorkerThread> {
  readonly isMissed: boolean;
}

/** The threads of all guests of a runtime, in a pool for each size of message: a thread's memory is limited by it. */
export class Threads {
  readonly #parkOne: ParkOne;
  readonly #pools: Map<number, ThreadPool> = new Map();

  constructor(parkOne: ParkOne) {
    this.#parkOne = parkOne;
  }

  poolFor(largestMessageBytes: number): ThreadPool {
    const known = this.#pools.get(largestMessageBytes);
    if (known) return known;
    const pool = new ThreadPool(largestMessageBytes, this.#parkOne);
    this.#pools.set(largestMessageBytes, pool);
    return pool;
  }

  /** A guest has begun to idle. */
  noteIdle(): void {
    for (const pool of this.#pools.values()) pool.noteIdle();
  }

  /** Ends the threads that are left when all guests have ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}

/**
 * Threads of one kind: each has a guest, is spare, or starts. Whoever needs one gets a spare one, else that of a guest that idles and is
 * parked for it, else a new one.
 */
export class ThreadPool {
  readonly #largestMessageBytes: number;
  readonly #parkOne: ParkOne;
  readonly #threads: Set<WorkerThread> = new Set();
  readonly slowGuests: SlowGuests = new SlowGuests(this.#threads);
  readonly #spare: WorkerThread[] = [];
  readonly #waiting: Set<Waiter> = new Set();
  readonly #starts: Set<Promise<void>> = new Set();
  #parking = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(largestMessageBytes: number, parkOne: ParkOne) {
    this.#largestMessageBytes = largestMessageBytes;
    this.#parkOne = parkOne;
  }

  /**
   * A thread without a guest.
   *
   * @param lastCallMs - When the guest that is to get it was called last.
   * @throws the signal's reason, and what keeps a worker from starting
   */
  async take(signal: AbortSignal, lastCallMs: number = Number.NEGATIVE_INFINITY): Promise<WorkerThread> {
    signal.throwIfAborted();
    const spare = this.#spare.pop();
    if (spare) return spare;
    const isMissed = performance.now() - lastCallMs < MISSED_WITHIN_MS;
    const waiter: Waiter = { ...Promise.withResolvers<WorkerThread>(), isMissed };
    const onAbort = (): void => {
      this.#waiting.delete(waiter);
      waiter.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiter);
    this.#provide();
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A thread has no guest any more. */
  giveBack(thread: WorkerThread): void {
    thread.guest = undefined;
    thread.unref();
    const [next] = this.#waiting;
    if (thread.pace.isLowered) {
      void thread.end();
    } else if (next) {
      this.#waiting.delete(next);
      next.resolve(thread);
    } else if (this.#isClosed || this.#spare.length >= MOST_SPARE || this.#threads.size > RESIDENT_THREADS) {
      void thread.end();
    } else {
      this.#spare.push(thread);
    }
  }

  /** A guest has begun to idle, or something else has come that those who wait may profit from. */
  noteIdle(): void {
    if (this.#waiting.size > 0) this.#provide();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.slowGuests.dispose();
    await Promise.all(this.#starts);
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  /** Sees to it that somebody comes for everyone who waits: a guest's thread in a few ms, or a new one, which takes ten times as long. */
  #provide(): void {
    const isFull = this.#threads.size + this.#starts.size >= RESIDENT_THREADS;
    while (this.#waiting.size > this.#parking && this.#park(isFull ? 0 : IN_USE_MS));
    while (this.#waiting.size > this.#parking + STARTING_AT_ONCE && this.#park(0));
    const missed = [...this.#waiting].filter(({ isMissed }) => isMissed).length;
    const wanted = isFull ? Math.max(missed, this.#waiting.size - this.#parking) : this.#waiting.size;
    while (this.#starts.size < Math.min(STARTING_AT_ONCE, wanted)) this.#startOne();
  }

  #park(idleMs: number): boolean {
    const parked = this.#parkOne(this, idleMs);
    if (parked === undefined) return false;
    this.#parking += 1;
    void parked.then(() => {
      this.#parking -= 1;
      this.noteIdle();
    });
    return true;
  }

  #startOne(): void {
    const started = WorkerThread.start(this.#largestMessageBytes, (thread) => this.#forget(thread)).then(
      (thread) => {
        this.#starts.delete(started);
        this.#threads.add(thread);
        this.#watch();
        this.giveBack(thread);
        this.noteIdle();
      },
      (error: unknown) => {
        this.#starts.delete(started);
        const [next] = this.#waiting;
        if (next === undefined) return;
        this.#waiting.delete(next);
        next.reject(error);
        this.noteIdle();
      },
    );
    this.#starts.add(started);
  }

  #forget(thread: WorkerThread): void {
    this.#threads.delete(thread);
    const index = this.#spare.indexOf(thread);
    if (index >= 0) this.#spare.splice(index, 1);
  }

  /** While there are more threads than are kept, those whose guests have not been called for a while are given up. */
  #watch(): void {
    if (this.#timer !== undefined || this.#threads.size <= RESIDENT_THREADS) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (let left = this.#threads.size - RESIDENT_THREADS; left > 0 && this.#park(MISSED_WITHIN_MS); left--);
      this.#watch();
    }, MISSED_WITHIN_MS);
    this.#timer.unref();
  }
}
