import { type LockgateError, MessageError, MessageTooLargeError, type Operation, SpanError } from '@lockgate/abi';
import { isReentry } from '../call-context.ts';
import {
  CallTimeoutError,
  GuestMessageError,
  GuestTrapError,
  LinkError,
  ModuleClosedError,
  ReentryError,
} from '../errors.ts';
import { GuestFault } from '../fault.ts';
import type { ThreadPool } from '../isolate/threads.ts';
import type { Logger } from '../logger.ts';
import { memoryProblem } from '../memory-problem.ts';
import type { ModuleStats } from '../module-stats.ts';
import type { GuestFailure, InstanceCount, Isolation, ResolvedLimits } from '../options.ts';
import { CallStats } from './call-stats.ts';
import type { Instance, ParkedInstance } from './instance.ts';
import { Lifecycle } from './lifecycle.ts';
import { Pool } from './pool.ts';

/** One operation of a module: the dialect's own, and the answer it gives after close. */
export interface ModuleOperation<Input, Output> extends Omit<Operation<Input, Output>, 'answer' | 'calledName'> {
  readonly calledName: Operation<Input, Output>['calledName'] | undefined;
  /** The answer of a closed module; may throw. Source: ABI.md §1, "After close". */
  readonly afterClose: () => Output;
}

/** An operation of a module out of one of its dialect. All of them are made here, so that they have one shape. */
export function moduleOperation<I, O>(
  { exportName, encode, decode, calledName }: Operation<I, O>,
  afterClose: () => O,
): ModuleOperation<I, O> {
  return { exportName, encode, decode, afterClose, calledName };
}

/** How one call may be watched and ended. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onStart?: () => void;
  /** Handed to the host functions that have a use for it. */
  readonly caller?: unknown;
}

/** What every instance is told before its first call: settings, or a policy. */
export interface Primer {
  readonly exportName: string;
  readonly input: string;
  /** @throws what a refusal means. */
  readonly decode: (answer: never) => unknown;
  /** Of two that were accepted by different instances the one asked for later counts. */
  readonly ticket: number;
}

type Priming = Omit<Primer, 'input'>;

/** What a locked module is made of. */
export interface LockedModuleSetup {
  /** Its name in errors and logs; may become known later. */
  readonly name: () => string;
  readonly isolation: Isolation;
  readonly limits: ResolvedLimits;
  /** The ceiling on the memory of each guest, in bytes. */
  readonly ceilingBytes: number;
  /** Whether its guests leak by calls that fail alone, of which nobody is told. */
  readonly leaksByFailing: boolean;
  readonly instances: Required<InstanceCount>;
  readonly logger: Logger;
  readonly onFailure?: ((failure: GuestFailure) => void) | undefined;
  readonly primer?: Primer | undefined;
  /** Ends the starting of instances for good, the first ones included. */
  readonly signal: AbortSignal;
  /** Makes one instance whose guest has run its start-up function, or goes on from where it was, unless the signal fires first. */
  readonly start: (owner: LockedModule, signal: AbortSignal, parked?: ParkedInstance) => Promise<Instance>;
  /** Told when an instance begins to idle. */
  readonly onIdle: () => void;
  /** Ends what the instances shared, after the last of them. */
  readonly release: (module: LockedModule) => Promise<void>;
}

const NO_OPTIONS: CallOptions = {};
const START_UP = 'start-up';

/** The one critical section: every export of every guest is called from {@link run}, by one call at a time. */
export class LockedModule {
  readonly #setup: LockedModuleSetup;
  readonly #lifecycle: Lifecycle = new Lifecycle();
  readonly #stats: CallStats = new CallStats();
  readonly #pool: Pool;
  readonly #closing: AbortController = new AbortController();
  #primer: Primer | undefined;
  #tickets = 0;

  private constructor(setup: LockedModuleSetup) {
    this.#setup = setup;
    this.#primer = setup.primer;
    this.#pool = new Pool({
      name: setup.name,
      limits: setup.limits,
      tellsLeaks: !setup.leaksByFailing,
      instances: setup.instances,
      logger: setup.logger,
      onFailure: setup.onFailure,
      stats: this.#stats,
      start: (parked) => this.#start(parked),
      onIdle: setup.onIdle,
    });
  }

  /** Opens it with its first instances running and primed; rejects with what kept one of them from it. */
  static async open(setup: LockedModuleSetup): Promise<LockedModule> {
    const opening = new LockedModule(setup);
    try {
      await opening.#pool.open();
      return opening;
    } catch (error) {
      await opening.close(0);
      throw opening.#explain(error, START_UP);
    }
  }

  get isOpen(): boolean {
    return this.#lifecycle.isOpen;
  }

  get crashLooping(): boolean {
    return this.#pool.crashLooping;
  }

  /** See {@link Pool.longestIdle}. */
  longestIdle(threads: ThreadPool): Instance | undefined {
    return this.#pool.longestIdle(threads);
  }

  /** See {@link Pool.park}. */
  park(instance: Instance): Promise<void> | undefined {
    return this.#pool.park(instance);
  }

  /**
   * Takes a turn, asks the guest, reads its answer. The whole of a call, in one asynchronous function: a free instance is
   * taken without waiting, and a guest that imports nothing asynchronous answers without it.
   */
  async run<I, O>(
    operation: ModuleOperation<I, O>,
    input: I,
    options: CallOptions = NO_OPTIONS,
    primes?: Priming,
  ): Promise<O> {
    if (!this.#lifecycle.isOpen) return operation.afterClose();
    const { signal } = options;
    signal?.throwIfAborted();
    if (isReentry(this)) throw new ReentryError({ module: this.#setup.name() });
    const question = operation.encode(input);
    let instance = this.#pool.tryEnter();
    if (instance === undefined) {
      try {
        instance = await this.#pool.enter(signal);
      } catch (error) {
        if (error instanceof ModuleClosedError) return operation.afterClose();
        throw error;
      }
      if (!this.#lifecycle.isOpen || signal?.aborted) {
        this.#pool.leave(instance);
        signal?.throwIfAborted();
        return operation.afterClose();
      }
    }
    const startedMs = performance.now();
    let isPriming = false;
    try {
      options.onStart?.();
      signal?.throwIfAborted();
      if (instance.primedWith !== this.#primer && primes === undefined) {
        isPriming = true;
        await this.#prime(instance, signal);
        isPriming = false;
      }
      const answer = instance.run(operation.exportName, question, signal, options.caller);
      const output = operation.decode(instance.accept(typeof answer === 'object' ? await answer : answer) as never);
      if (primes !== undefined) this.#accepted(instance, { ...primes, input: question ?? '' });
      return output;
    } catch (error) {
      const reason = instance.explain(error);
      if (reason instanceof ModuleClosedError) return operation.afterClose();
      this.#stats.errors += 1;
      // What a guest says of its settings is not for whoever happens to call next.
      const called = operation.calledName?.(input) ?? operation.exportName;
      throw this.#explain(renamed(reason, operation.exportName, called), called, !isPriming);
    } finally {
      const endedMs = performance.now();
      this.#stats.ended(endedMs - startedMs);
      instance.idleSinceMs = endedMs;
      instance.wasCalled = true;
      instance.finish();
      this.#pool.leave(instance);
    }
  }

  /** Like {@link run}; what the guest accepts is then told to every instance before its next call. */
  runPriming<I, O>(operation: ModuleOperation<I, O>, input: I, options: CallOptions = NO_OPTIONS): Promise<O> {
    const { exportName, decode } = operation;
    this.#tickets += 1;
    return this.run(operation, input, options, { exportName, decode, ticket: this.#tickets });
  }

  /** Marks it closed first, turns waiters away, drains, ends the instances. Idempotent and shared. */
  close(drainMs: number = this.#setup.limits.drainMs): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.#closing.abort(new ModuleClosedError({ module: this.#setup.name() }));
      await this.#pool.close(drainMs);
      await this.#setup.release(this);
    });
  }

  stats(): ModuleStats {
    const { calls, errors, traps, timeouts, busyMs, recycled } = this.#stats;
    const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = this.#stats.percentilesMs(0.5, 0.95, 0.99);
    return {
      name: this.#setup.name(),
      isolation: this.#setup.isolation,
      state: this.#lifecycle.state,
      ...{ calls, errors, traps, timeouts, busyMs, recycled, p50Ms, p95Ms, p99Ms },
      queueLength: this.#pool.waiting,
      memoryBytes: this.#pool.memoryBytes,
      leakedBytes: this.#pool.leakedBytes,
      instances: this.#pool.size,
      crashLooping: this.#pool.crashLooping,
    };
  }

  async #start(parked?: ParkedInstance): Promise<Instance> {
    const signal = AbortSignal.any([this.#setup.signal, this.#closing.signal]);
    signal.throwIfAborted();
    const instance = await this.#setup.start(this, signal, parked);
    if (parked) {
      instance.primedWith = parked.primedWith;
      return instance;
    }
    try {
      await this.#prime(instance, signal);
      return instance;
    } catch (error) {
      const reason = instance.explain(error);
      instance.finish();
      await instance.dispose();
      throw reason;
    }
  }

  async #prime(instance: Instance, signal: AbortSignal | undefined): Promise<void> {
    const primer = this.#primer;
    if (primer) {
      const answer = instance.run(primer.exportName, primer.input, signal);
      primer.decode(instance.accept(typeof answer === 'object' ? await answer : answer) as never);
      instance.finish();
    }
    instance.primedWith = primer;
    if (!this.#lifecycle.isOpen) throw new ModuleClosedError({ module: this.#setup.name() });
  }

  #accepted(instance: Instance, primer: Primer): void {
    instance.primedWith = primer;
    if (primer.ticket > (this.#primer?.ticket ?? 0)) this.#primer = primer;
  }

  /** Adds the module and the export to what went wrong inside, and counts it. */
  #explain(error: unknown, exportName: string, tellsLastWords = true): unknown {
    const module = this.#setup.name();
    if (error instanceof GuestFault) {
      const { message, lastWords, isTrap, memoryBytes = 0 } = error;
      const memory = memoryProblem({ memoryBytes, ceilingBytes: this.#setup.ceilingBytes, lastWords });
      const reason = memory === undefined ? message : `${message}; ${memory}`;
      // By its name: an error from another thread has no class.
      if (exportName === START_UP && error.cause instanceof Error && error.cause.name === 'LinkError')
        return new LinkError({ module, reason }, { cause: error });
      const facts = { module, exportName, reason, ...(tellsLastWords && lastWords !== undefined && { lastWords }) };
      if (isTrap) return new GuestTrapError(facts, { cause: error.cause ?? error });
      return new GuestMessageError({ module, exportName, problem: 'RUNTIME_EXIT' }, { cause: error });
    }
    if (error instanceof CallTimeoutError) this.#stats.timeouts += 1;
    return isBadAnswer(error)
      ? new GuestMessageError({ module, exportName, problem: error.code }, { cause: error })
      : error;
  }
}

/** A time-out of this export, under the name that people know it by. */
function renamed(error: unknown, exportName: string, called: string): unknown {
  if (exportName === called || !(error instanceof CallTimeoutError) || error.facts.exportName !== exportName)
    return error;
  return new CallTimeoutError({ ...error.facts, exportName: called });
}

function isBadAnswer(error: unknown): error is LockgateError {
  if (error instanceof MessageTooLargeError) return error.direction === 'from guest';
  return error instanceof SpanError || error instanceof MessageError;
}
