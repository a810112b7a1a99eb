import { CrashLoopError, ModuleClosedError, NoThreadError, QueueFullError, QueueTimeoutError } from '../errors.ts';
import type { ThreadPool } from '../isolate/threads.ts';
import type { Logger } from '../logger.ts';
import type { GuestFailure, InstanceCount, ResolvedLimits } from '../options.ts';
import { CrashLoopBreaker } from './breaker.ts';
import { CallLock } from './call-lock.ts';
import type { CallStats } from './call-stats.ts';
import type { Instance, ParkedInstance } from './instance.ts';

/** What a pool is made of. */
export interface PoolSetup {
  readonly name: () => string;
  readonly limits: ResolvedLimits;
  /** Whether it is said, once, that the guest does not free what it should. */
  readonly tellsLeaks: boolean;
  readonly instances: Required<InstanceCount>;
  readonly logger: Logger;
  readonly onFailure: ((failure: GuestFailure) => void) | undefined;
  readonly stats: CallStats;
  /** Makes one instance, ready for its first call, or one that goes on where a parked one was. */
  readonly start: (parked?: ParkedInstance) => Promise<Instance>;
  /** Told when an instance begins to idle. */
  readonly onIdle: () => void;
}

/**
 * The instances of one module and the queue before them: gives each instance to one call at a time, starts more while
 * all are busy and calls wait, replaces those that have ended, and lets idle ones go, or their threads only.
 */
export class Pool {
  readonly #setup: PoolSetup;
  readonly #lock: CallLock<Instance>;
  readonly #breaker: CrashLoopBreaker = new CrashLoopBreaker();
  readonly #instances: Set<Instance> = new Set();
  /** Instances without a thread: they count as instances, and go on when a call needs them. */
  readonly #parked: ParkedInstance[] = [];
  /** Those of them for which a thread is under way. */
  readonly #returning: Set<ParkedInstance> = new Set();
  readonly #starting: Set<Promise<void>> = new Set();
  readonly #ending: Set<Promise<void>> = new Set();
  #closed = false;
  #tellsLeak: boolean;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(setup: PoolSetup) {
    this.#setup = setup;
    this.#tellsLeak = setup.tellsLeaks;
    const { queueTimeoutMs, maxQueue } = setup.limits;
    this.#lock = new CallLock({
      queueTimeoutMs,
      maxQueue,
      timeoutError: () => new QueueTimeoutError({ module: setup.name(), queueTimeoutMs }),
      fullError: () => new QueueFullError({ module: setup.name(), maxQueue }),
    });
  }

  get size(): number {
    return this.#instances.size + this.#parked.length + this.#returning.size;
  }

  get waiting(): number {
    return this.#lock.waiting;
  }

  get memoryBytes(): number {
    const parked = sum([...this.#parked, ...this.#returning], ({ state }) => state.memoryBytes);
    return sum(this.#instances, (instance) => instance.memoryBytes) + parked;
  }

  get leakedBytes(): number {
    return sum(this.#instances, (instance) => instance.leakedBytes);
  }

  /** Calls fail fast now. */
  get crashLooping(): boolean {
    return this.#breaker.restsForMs > 0;
  }

  /** Starts the first instances. Rejects with whatever keeps one of them from starting; then it is to be closed. */
  async open(): Promise<void> {
    const { min } = this.#setup.instances;
    const started = await Promise.allSettled(Array.from({ length: min }, () => this.#setup.start()));
    for (const result of started) if (result.status === 'fulfilled') this.#add(result.value);
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** An idle instance, at once; undefined where the caller has to wait. */
  tryEnter(): Instance | undefined {
    return this.#lock.tryEnter();
  }

  /**
   * Waits for an instance.
   *
   * @throws RUNTIME_QUEUE_FULL, RUNTIME_QUEUE_TIMEOUT, RUNTIME_CRASH_LOOP, RUNTIME_MODULE_CLOSED, the signal's reason
   */
  enter(signal: AbortSignal | undefined): Promise<Instance> {
    if (this.#closed) return Promise.reject(new ModuleClosedError({ module: this.#setup.name() }));
    if (this.#breaker.restsForMs > 0) return Promise.reject(this.#crashLoop());
    const entered = this.#lock.enter({ signal });
    this.#grow();
    return entered;
  }

  /** Gives an instance back: to the next call, or to be replaced. */
  leave(instance: Instance): void {
    if (instance.isBusy) {
      // The caller was answered before the guest came back: nobody else may enter until it has.
      void instance.whenBack().then(() => this.leave(instance));
      return;
    }
    if (instance.end?.isTrap) this.#setup.stats.traps += 1;
    if (this.#closed) return;
    if (instance.end) {
      this.#replaceEnded(instance);
      return;
    }
    this.#breaker.succeeded();
    if (instance.leakedBytes > 0 && this.#leaksTooMuch(instance)) {
      this.#retire(instance);
      return;
    }
    if (this.size > this.#setup.instances.min) this.#watchIdle();
    if (instance.wantsThread) {
      void this.#park(instance);
      return;
    }
    this.#lock.leave(instance);
    this.#setup.onIdle();
  }

  /** The instance that could be parked into these threads and has idled longest. */
  longestIdle(threads: ThreadPool): Instance | undefined {
    let longest: Instance | undefined;
    for (const instance of this.#instances) {
      if (instance.threads !== threads || !this.#lock.isFree(instance)) continue;
      if (longest === undefined || instance.idleSinceMs < longest.idleSinceMs) longest = instance;
    }
    return longest;
  }

  /** Takes an idle instance its thread; undefined where a call has it, or is about to. Never rejects. */
  park(instance: Instance): Promise<void> | undefined {
    return this.#lock.remove(instance) ? this.#park(instance) : undefined;
  }

  #park(instance: Instance): Promise<void> {
    return instance.park().then((parked) => {
      if (this.#closed) return;
      if (parked === undefined) {
        this.#lock.leave(instance); // where its thread has died of it, the next call will say so
        return;
      }
      this.#instances.delete(instance);
      this.#parked.push(parked);
      this.#grow(); // a call may have come meanwhile
    });
  }

  /** Turns waiters away, lets running calls finish for so long, then ends them and every instance. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    const closed = (): Error => new ModuleClosedError({ module: this.#setup.name() });
    this.#lock.rejectWaiting(closed);
    await this.#drain(drainMs);
    for (const instance of this.#instances) instance.stop(closed());
    await Promise.allSettled(this.#starting);
    for (const instance of this.#instances) this.#dispose(instance);
    this.#instances.clear();
    this.#parked.length = 0;
    await Promise.allSettled(this.#ending);
  }

  /** Resolves when every guest has come back, or the time is over. */
  async #drain(drainMs: number): Promise<void> {
    const busy = [...this.#instances].filter((instance) => instance.isBusy);
    if (busy.length === 0 || drainMs === 0) return;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, drainMs);
    await Promise.race([over, Promise.all(busy.map((instance) => instance.whenBack()))]);
    clearTimeout(timer);
  }

  #add(instance: Instance): void {
    this.#instances.add(instance);
    if (this.#closed) return; // close() ends it: it waits for every start
    if (this.size > this.#setup.instances.min) this.#watchIdle();
    this.#lock.leave(instance);
    this.#setup.onIdle();
  }

  /** Starts one more instance for each call that waits, parked ones first, as far as there may be more. */
  #grow(): void {
    const { max } = this.#setup.instances;
    while (
      !this.#closed &&
      this.#starting.size < this.#lock.waiting &&
      (this.#parked.length > 0 || this.#instances.size + this.#starting.size < max) &&
      this.#breaker.restsForMs === 0
    ) {
      this.#startOne();
    }
  }

  #startOne(): void {
    const parked = this.#parked.pop();
    if (parked) this.#returning.add(parked);
    const end = (): void => {
      this.#starting.delete(started);
      if (parked) this.#returning.delete(parked);
    };
    const started = this.#setup.start(parked).then(
      (instance) => {
        end();
        this.#add(instance);
      },
      (error: unknown) => {
        end();
        if (error instanceof NoThreadError) this.#goWithout(error, parked);
        else this.#fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
    this.#starting.add(started);
  }

  /** No guest is to blame, and none is lost: the next call asks for a thread again. */
  #goWithout(error: NoThreadError, parked: ParkedInstance | undefined): void {
    if (this.#closed) return;
    if (parked) this.#parked.push(parked);
    this.#setup.logger.warn({ module: this.#setup.name(), err: error }, 'no thread for a guest');
    if (this.#instances.size === 0) this.#lock.rejectWaiting(() => error);
  }

  #replaceEnded(instance: Instance): void {
    const { end } = instance;
    this.#remove(instance);
    if (end?.isFailure) this.#fail(end.cause);
    else this.#restore();
  }

  #fail(cause: Error): void {
    if (this.#closed) return; // what was still starting is turned away too
    const { logger, name } = this.#setup;
    const opens = this.#breaker.failed(cause, this.#instances.size + this.#parked.length + this.#starting.size + 1);
    this.#tellFailure(cause);
    if (opens) {
      const restMs = this.#breaker.restsForMs;
      logger.error(
        { module: name(), failures: this.#breaker.failures, restMs, err: cause },
        'guest in a crash loop; calls fail fast',
      );
      if (this.#instances.size === 0) this.#lock.rejectWaiting(() => this.#crashLoop());
      return;
    }
    logger.warn({ module: name(), err: cause }, 'guest failed; replacing the instance');
    this.#restore();
  }

  #tellFailure(cause: Error): void {
    const { logger, name, onFailure } = this.#setup;
    try {
      onFailure?.({ cause, failures: this.#breaker.failures, isCrashLooping: () => this.crashLooping });
    } catch (err) {
      logger.error({ module: name(), err }, 'the listener of failures failed');
    }
  }

  /** Brings the number of instances back to what it should be. */
  #restore(): void {
    const { min } = this.#setup.instances;
    while (!this.#closed && this.#instances.size + this.#parked.length + this.#starting.size < min) this.#startOne();
    this.#grow();
  }

  #leaksTooMuch(instance: Instance): boolean {
    const { limits, logger, name } = this.#setup;
    if (this.#tellsLeak) {
      this.#tellsLeak = false;
      const { maxLeakedBytes } = limits;
      logger.warn(
        { module: name(), maxLeakedBytes },
        'guest leaves memory behind that it does not free; its instance is replaced whenever that is too much',
      );
    }
    return instance.leakedBytes > limits.maxLeakedBytes;
  }

  #retire(instance: Instance): void {
    const { logger, name } = this.#setup;
    logger.debug(
      { module: name(), leakedBytes: instance.leakedBytes },
      'guest leaked too much; replacing the instance',
    );
    this.#remove(instance);
    this.#restore();
  }

  #remove(instance: Instance): void {
    this.#setup.stats.recycled += 1;
    this.#instances.delete(instance);
    this.#dispose(instance, { isReplaced: true });
  }

  #dispose(instance: Instance, options?: { readonly isReplaced: boolean }): void {
    const ended = instance.dispose(options).finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  #watchIdle(): void {
    if (this.#idleTimer !== undefined) return;
    this.#idleTimer = setTimeout(() => this.#endIdle(), Math.max(1, this.#setup.limits.idleMs));
    this.#idleTimer.unref();
  }

  /** Ends those that have idled for long enough; looks again only while there are more than `min`. */
  #endIdle(): void {
    this.#idleTimer = undefined;
    const { instances, limits } = this.#setup;
    const longAgoMs = performance.now() - limits.idleMs;
    while (this.size > instances.min && (this.#parked[0]?.idleSinceMs ?? longAgoMs) < longAgoMs) this.#parked.shift();
    for (const instance of this.#instances) {
      if (this.size <= instances.min) return;
      if (instance.idleSinceMs > longAgoMs || !this.#lock.remove(instance)) continue;
      this.#instances.delete(instance);
      this.#dispose(instance);
    }
    if (this.size > instances.min) this.#watchIdle();
  }

  #crashLoop(): CrashLoopError {
    const { failures, restsForMs: retryAfterMs, lastCause } = this.#breaker;
    return new CrashLoopError({ module: this.#setup.name(), failures, retryAfterMs }, { cause: lastCause });
  }
}

function sum<T>(instances: Iterable<T>, of: (instance: T) => number): number {
  let total = 0;
  for (const instance of instances) total += of(instance);
  return total;
}
