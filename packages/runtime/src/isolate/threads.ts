import { availableParallelism } from 'node:os';
import type { Dialect } from '@lockgate/abi';
import { NoThreadError } from '../errors.ts';
import type { Isolation, ResolvedLimits } from '../options.ts';
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
/** Where the system gives no more threads, it is asked again after this time; until then those that are there go round. */
const ASK_AGAIN_MS = 1_000;
/** A guest was killed not longer ago than this: the next one that is gets a thread at once. */
const SPARE_AFTER_LOSS_MS = 60_000;
/** How long one waits for a thread while the system gives none. */
const PATIENCE_MS = 5_000;

/**
 * Parks the guest that was called least recently, of those with a thread of this pool whose last call is so long ago; undefined
 * where there is none. What it answers resolves when the thread is free, or stays its guest's own after all.
 */
export type ParkOne = (pool: ThreadPool, idleMs: number) => Promise<void> | undefined;

interface Waiter extends PromiseWithResolvers<WorkerThread> {
  readonly isMissed: boolean;
  readonly sinceMs: number;
}

/** The threads of all guests of a runtime, in a pool for each size of message: a thread's memory is limited by it. */
export class Threads {
  readonly #parkOne: ParkOne;
  readonly #pools: Map<number, ThreadPool> = new Map();

  constructor(parkOne: ParkOne) {
    this.#parkOne = parkOne;
  }

  /** Where a guest gets its thread. */
  poolFor({ maxMessageBytes }: Pick<ResolvedLimits, 'maxMessageBytes'>, dialect: Dialect): ThreadPool {
    const largestMessageBytes = Math.max(maxMessageBytes, dialect.guaranteedAnswerBytes ?? 0);
    const known = this.#pools.get(largestMessageBytes);
    if (known) return known;
    const pool = new ThreadPool(largestMessageBytes, this.#parkOne);
    this.#pools.set(largestMessageBytes, pool);
    return pool;
  }

  /** Starts a thread, if one is missing, for a guest that will be there soon. */
  prepareFor(dialect: Dialect, { limits, isolation }: { limits: ResolvedLimits; isolation: Isolation }): void {
    if (isolation === 'worker') this.poolFor(limits, dialect).prepare();
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
  readonly #start: typeof WorkerThread.start;
  readonly #parkOne: ParkOne;
  readonly #threads: Set<WorkerThread> = new Set();
  readonly slowGuests: SlowGuests = new SlowGuests(this.#threads);
  readonly #spare: WorkerThread[] = [];
  readonly #waiting: Set<Waiter> = new Set();
  readonly #starts: Set<Promise<void>> = new Set();
  #parking = 0;
  /** Guests that end, and give up their threads. */
  #leaving = 0;
  #lostMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  /** Why the system gave no thread when it was asked last, not long ago. */
  #refusal: NoThreadError | undefined;
  #askAgain: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(largestMessageBytes: number, parkOne: ParkOne, start: typeof WorkerThread.start = WorkerThread.start) {
    this.#largestMessageBytes = largestMessageBytes;
    this.#parkOne = parkOne;
    this.#start = start;
  }

  /**
   * A thread without a guest.
   *
   * @param lastCallMs - When the guest that is to get it was called last.
   * @throws RUNTIME_NO_THREAD, the signal's reason
   */
  async take(signal: AbortSignal, lastCallMs: number = Number.NEGATIVE_INFINITY): Promise<WorkerThread> {
    signal.throwIfAborted();
    const spare = this.#spare.pop();
    if (spare) {
      this.#replenish();
      return spare;
    }
    const sinceMs = performance.now();
    const isMissed = sinceMs - lastCallMs < MISSED_WITHIN_MS;
    const waiter: Waiter = { ...Promise.withResolvers<WorkerThread>(), isMissed, sinceMs };
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

  /** Somebody will soon take one: it starts meanwhile, unless one is there, starts, or is given up by a guest as soon as it is asked for. */
  prepare(): void {
    const isFull = this.#threads.size + this.#starts.size >= RESIDENT_THREADS || this.#refusal !== undefined;
    const comes = this.#spare.length + this.#starts.size + this.#leaving;
    if (!this.#isClosed && !isFull && comes === 0) this.#startOne();
  }

  /** A guest ends, and gives its thread up before this resolves, unless it is lost as well. */
  expect(left: Promise<void>): void {
    this.#leaving += 1;
    void left.then(() => {
      this.#leaving -= 1;
      this.noteIdle();
    });
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
      this.#replenish();
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
    clearTimeout(this.#askAgain);
    this.slowGuests.dispose();
    await Promise.all(this.#starts);
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  /** Sees to it that somebody comes for everyone who waits: a guest's thread in a few ms, or a new one, which takes ten times as long. */
  #provide(): void {
    const isFull = this.#threads.size + this.#starts.size >= RESIDENT_THREADS || this.#refusal !== undefined;
    while (this.#waiting.size > this.#parking && this.#park(isFull ? 0 : IN_USE_MS));
    while (this.#waiting.size > this.#parking + STARTING_AT_ONCE && this.#park(0));
    if (this.#refusal) return;
    const missed = [...this.#waiting].filter(({ isMissed }) => isMissed).length;
    const waiting = this.#waiting.size - this.#leaving;
    const wanted = isFull ? Math.max(missed, waiting - this.#parking) : waiting;
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
    const started = this.#start(this.#largestMessageBytes, (thread) => this.#forget(thread)).then(
      (thread) => {
        this.#starts.delete(started);
        this.#threads.add(thread);
        this.#watch();
        this.giveBack(thread);
        this.noteIdle();
      },
      (error: unknown) => {
        this.#starts.delete(started);
        this.#refused(error);
      },
    );
    this.#starts.add(started);
  }

  /** Those who wait get a thread that is there, as soon as its guest idles. */
  #refused(cause: unknown): void {
    this.#refusal = new NoThreadError({ threads: this.#threads.size }, { cause });
    this.#askAgain ??= setTimeout(() => this.#endRefusal(), ASK_AGAIN_MS);
    if (this.#threads.size + this.#starts.size === 0) this.#giveUpOn([...this.#waiting], this.#refusal);
    this.noteIdle();
  }

  #endRefusal(): void {
    const refusal = this.#refusal;
    clearTimeout(this.#askAgain);
    this.#askAgain = undefined;
    this.#refusal = undefined;
    const longAgoMs = performance.now() - PATIENCE_MS;
    if (refusal)
      this.#giveUpOn(
        [...this.#waiting].filter(({ sinceMs }) => sinceMs <= longAgoMs),
        refusal,
      );
    this.noteIdle();
  }

  #giveUpOn(waiters: readonly Waiter[], refusal: NoThreadError): void {
    for (const waiter of waiters) {
      this.#waiting.delete(waiter);
      waiter.reject(refusal);
    }
  }

  #forget(thread: WorkerThread): void {
    this.#threads.delete(thread);
    const index = this.#spare.indexOf(thread);
    if (index >= 0) this.#spare.splice(index, 1);
    if (this.#refusal) this.#endRefusal(); // there is room for another one
    this.#replenish();
  }

  /** A guest that is replaced takes its thread with it. */
  noteLoss(): void {
    this.#lostMs = performance.now();
  }

  /** Where guests are killed, the next one need not wait for a thread that starts. */
  #replenish(): void {
    if (performance.now() - this.#lostMs < SPARE_AFTER_LOSS_MS) this.prepare();
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
