import { type GuestAnswer, GuestOutOfMemoryError } from '@lockgate/abi';
import { CallTimeoutError } from '../errors.ts';
import { GuestFault } from '../fault.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { Isolate, ParkedGuest } from '../isolate/isolate.ts';
import type { ThreadPool } from '../isolate/threads.ts';
import type { ResolvedLimits } from '../options.ts';
import { Deadline } from './deadline.ts';

/** Why an instance will not be called again. */
export interface InstanceEnd {
  readonly cause: Error;
  /** Whether the guest is to blame, so that the crash-loop breaker counts it. */
  readonly isFailure: boolean;
  /** Whether it is the guest's own doing: a trap, or no memory left for a message. Not what the host did to it. */
  readonly isTrap: boolean;
}

/** A guest without a thread, to go on in another instance. */
export interface ParkedInstance extends ParkedGuest {
  readonly primedWith: object | undefined;
  readonly idleSinceMs: number;
}

/**
 * One guest in its isolate: bounds each of its calls in time and knows whether it may be called again. Whoever calls
 * {@link run} calls {@link finish} when its answer has come or failed; in between, nothing else is run.
 */
export class Instance {
  /** What the guest was given before its first call; compared with what is to be given now. */
  primedWith: object | undefined;
  /** When its last call ended, or it started, in ms. */
  idleSinceMs: number = performance.now();
  /** A caller has called it; what it is told before its first call does not count. */
  wasCalled = false;
  readonly #isolate: Isolate;
  readonly #hostCalls: HostCalls;
  readonly #limits: ResolvedLimits;
  readonly #moduleName: string;
  readonly #deadline: Deadline = new Deadline(() => this.#onDeadline());
  #exportName = '';
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #isRunning = false;
  #isInGuest = false;
  #isGivenUp = false;
  #reason: unknown;
  #isHeld = false;
  #back: PromiseWithResolvers<void> | undefined;
  #end: InstanceEnd | undefined;
  /** What the end will be of a guest that ought to be gone, and cannot be interrupted. */
  #overdue: InstanceEnd | undefined;

  constructor(isolate: Isolate, hostCalls: HostCalls, limits: ResolvedLimits, moduleName: string) {
    this.#isolate = isolate;
    this.#hostCalls = hostCalls;
    this.#limits = limits;
    this.#moduleName = moduleName;
    isolate.onBack = (failure) => {
      this.#note(failure);
      this.#comeBack();
    };
    // Inline only the time suspended can be bounded, and most calls never are: nothing is armed before the first wait.
    hostCalls.onFirst = isolate.canInterrupt ? undefined : () => this.#watch();
    hostCalls.onHold = () => this.#hold();
  }

  get memoryBytes(): number {
    return this.#isolate.memoryBytes;
  }

  get leakedBytes(): number {
    return this.#isolate.leakedBytes;
  }

  /** Why it will not be called again; undefined while it may. */
  get end(): InstanceEnd | undefined {
    return this.#end;
  }

  /** The guest is inside a call; also when the caller has been answered already. */
  get isBusy(): boolean {
    return this.#isRunning || this.#isolate.isBusy;
  }

  /** Resolves when the guest has come back from the call it is in. */
  whenBack(): Promise<void> {
    if (!this.isBusy) return Promise.resolve();
    this.#back ??= Promise.withResolvers<void>();
    return this.#back.promise;
  }

  /** Runs one export. Its promise may reject before the guest comes back: on an abort, a time-out or {@link stop}. */
  run(
    exportName: string,
    input: string | undefined,
    signal: AbortSignal | undefined,
    caller?: unknown,
  ): GuestAnswer | Promise<GuestAnswer> {
    this.#hostCalls.begin(caller);
    this.#exportName = exportName;
    this.#isHeld = false;
    this.#signal = signal;
    this.#isRunning = true;
    this.#isInGuest = true;
    if (this.#isolate.canInterrupt) this.#watch();
    return this.#isolate.call(exportName, input, this.#mustBeWanted);
  }

  /** The answer of {@link run}. @throws the reason for which the call was given up or aborted meanwhile */
  accept(answer: GuestAnswer): GuestAnswer {
    this.#isInGuest = false;
    this.#mustBeWanted();
    return answer;
  }

  /** @throws the reason for which the call was given up or aborted: a guest that never waits is not watched */
  readonly #mustBeWanted = (): void => {
    if (!this.#isGivenUp && !this.#signal?.aborted) return;
    this.#isInGuest = false;
    throw this.#isGivenUp ? this.#reason : this.#signal?.reason;
  };

  /**
   * What a failed call failed of: the reason for which it was given up, if it was, else what went wrong in the guest.
   * Errors from before and after the guest's part are themselves. Notes whether the guest survived.
   */
  explain(thrown: unknown): unknown {
    if (!this.#isInGuest) return thrown;
    this.#isInGuest = false;
    const error = this.#isolate.explain(thrown);
    if (!this.#isGivenUp) {
      this.#note(error);
      return error;
    }
    if (error !== this.#reason) this.#note(error);
    return this.#reason;
  }

  /** Ends the call, as far as its caller is concerned. */
  finish(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#onAbort = undefined;
    if (!this.#isolate.isBusy) this.#comeBack();
  }

  /** Gives the call under way up, if there is one, and ends the guest where it does not come back by itself. */
  stop(reason: Error): void {
    if (this.isBusy) this.#giveUp(reason, { cause: reason, isFailure: false, isTrap: false }, { isReplaced: false });
  }

  /** Where its thread goes when it is parked; undefined where that cannot be. */
  get threads(): ThreadPool | undefined {
    return this.#end ? undefined : this.#isolate.threads;
  }

  /** It should leave its thread for a better one, now that nobody is inside. */
  get wantsThread(): boolean {
    return this.#isolate.wantsThread;
  }

  /** Leaves its thread; undefined where it has to stay, and may be called again. Nobody may be inside, or enter meanwhile. */
  async park(): Promise<ParkedInstance | undefined> {
    const state = await this.#isolate.park();
    if (state === undefined) return undefined;
    this.#deadline.dispose();
    const { primedWith, idleSinceMs, wasCalled } = this;
    return { state, primedWith, idleSinceMs, lastCallMs: wasCalled ? idleSinceMs : Number.NEGATIVE_INFINITY };
  }

  /** Ends the guest for good, and its thread where nobody comes after it. Idempotent. */
  async dispose(options?: { readonly isReplaced: boolean }): Promise<void> {
    const cause = new GuestFault('the instance has ended', { isTrap: true });
    this.#end ??= { cause, isFailure: false, isTrap: false };
    // What cannot be interrupted comes back by itself once its host calls are aborted.
    if (!this.#isolate.canInterrupt) await this.whenBack();
    await this.#isolate.end(options);
    this.#deadline.dispose();
  }

  #watch(): void {
    this.#deadline.start(this.#limits.callTimeoutMs);
    const signal = this.#signal;
    if (!signal) return;
    this.#onAbort = () => {
      this.#giveUp(signal.reason);
      this.#deadline.start(this.#limits.abortGraceMs);
    };
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The deadline stands still, as long as the call is not given up; what it answers starts it again in full. */
  #hold(): () => void {
    if (this.#isHeld || this.#isGivenUp) return () => {};
    this.#isHeld = true;
    this.#deadline.stop();
    return () => {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      if (this.#isInGuest && !this.#isGivenUp) this.#deadline.start(this.#limits.callTimeoutMs);
    };
  }

  /** Whether the guest survived what its call failed of, whoever heard of it. */
  #note(failure: unknown): void {
    if (!isFatal(failure)) return;
    this.#end ??= this.#overdue ?? { cause: failure, isFailure: true, isTrap: true };
  }

  #comeBack(): void {
    if (this.#isRunning) return;
    this.#deadline.stop();
    this.#isGivenUp = false;
    this.#overdue = undefined;
    this.#reason = undefined;
    this.#back?.resolve();
    this.#back = undefined;
  }

  #onDeadline(): void {
    const { callTimeoutMs } = this.#limits;
    const timeout = new CallTimeoutError({ module: this.#moduleName, exportName: this.#exportName, callTimeoutMs });
    // After an abort this is the end of its grace: the caller has left already, and the guest is not to blame.
    this.#giveUp(timeout, { cause: timeout, isFailure: !this.#isGivenUp, isTrap: false });
  }

  #giveUp(reason: unknown, end?: InstanceEnd, { isReplaced } = { isReplaced: true }): void {
    if (!this.#isGivenUp) {
      this.#isGivenUp = true;
      this.#reason = reason; // the first reason wins
      this.#hostCalls.abort(reason);
      this.#isolate.abandon(reason);
    }
    if (end === undefined) return;
    this.#hostCalls.end(reason);
    if (this.#isolate.canInterrupt) {
      this.#end ??= end;
      void this.#isolate.end({ isReplaced });
    } else {
      this.#overdue ??= end;
    }
  }
}

/** A trap leaves the guest's state undefined; a guest without room for a message has no more for the next. */
function isFatal(failure: unknown): failure is Error {
  return (failure instanceof GuestFault && failure.isTrap) || failure instanceof GuestOutOfMemoryError;
}
