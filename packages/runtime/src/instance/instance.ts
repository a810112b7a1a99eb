import { CallTimeoutError } from '../errors.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { Answer, Isolate } from '../isolate/isolate.ts';
import type { ResolvedLimits } from '../options.ts';
import { Deadline } from './deadline.ts';
import { GuestFault } from './trap.ts';

/** Why an instance will not be called again. */
export interface InstanceEnd {
  readonly cause: Error;
  /** Whether the guest is to blame, so that the crash-loop breaker counts it. */
  readonly isFailure: boolean;
}

interface Running {
  readonly exportName: string;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
}

/** One guest in its isolate: bounds each of its calls in time and knows whether it may be called again. */
export class Instance {
  /** What the guest was given before its first call: the pool compares it with what is to be given now. */
  primedWith: object | undefined;
  /** When it was given back last, in ms; only kept where idle instances end. */
  idleSinceMs = 0;
  readonly #isolate: Isolate;
  readonly #hostCalls: HostCalls;
  readonly #limits: ResolvedLimits;
  readonly #moduleName: string;
  readonly #deadline: Deadline = new Deadline(() => this.#onDeadline());
  #running: Running | undefined;
  #back: PromiseWithResolvers<void> | undefined;
  #givenUp = false;
  #end: InstanceEnd | undefined;

  constructor(isolate: Isolate, hostCalls: HostCalls, limits: ResolvedLimits, moduleName: string) {
    this.#isolate = isolate;
    this.#hostCalls = hostCalls;
    this.#limits = limits;
    this.#moduleName = moduleName;
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
    return this.#running !== undefined;
  }

  /** Resolves when the guest has come back from the call it is in. */
  whenBack(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    this.#back ??= Promise.withResolvers<void>();
    return this.#back.promise;
  }

  /**
   * Runs one export. A promise that it answers with may reject before the guest comes back: on an abort, a time-out
   * or {@link stop}. Rejects or throws GuestFault, ABI errors, CallTimeoutError, or the signal's reason.
   */
  run(exportName: string, input: string | undefined, signal: AbortSignal | undefined): Answer | Promise<Answer> {
    this.#hostCalls.begin();
    let answer: Answer | Promise<Answer>;
    try {
      answer = this.#isolate.call(exportName, input);
    } catch (error) {
      this.#note(error);
      throw error;
    }
    return typeof answer === 'object' ? this.#supervise(answer, exportName, signal) : answer;
  }

  /** Ends the call under way, if there is one, with this reason, and the guest where it does not come back at once. */
  stop(reason: Error): void {
    this.#giveUp(reason, { cause: reason, isFailure: false });
  }

  /** Ends the guest for good. Idempotent. */
  async dispose(): Promise<void> {
    this.#deadline.dispose();
    this.#end ??= { cause: new GuestFault('the instance has ended', { isTrap: true }), isFailure: false };
    await this.#isolate.end();
  }

  #supervise(answer: Promise<Answer>, exportName: string, signal: AbortSignal | undefined): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onAbort = signal && ((): void => this.#onAbort(signal.reason));
    if (onAbort) signal.addEventListener('abort', onAbort, { once: true });
    this.#running = { exportName, reject, signal, onAbort };
    this.#deadline.start(this.#limits.callTimeoutMs);
    answer.then(
      (value) => {
        this.#comeBack();
        resolve(value);
      },
      (error: unknown) => {
        this.#note(error);
        this.#comeBack();
        reject(error);
      },
    );
    return promise;
  }

  #comeBack(): void {
    const running = this.#running;
    this.#running = undefined;
    this.#givenUp = false;
    this.#deadline.stop();
    if (running?.onAbort) running.signal?.removeEventListener('abort', running.onAbort);
    this.#back?.resolve();
    this.#back = undefined;
  }

  #note(error: unknown): void {
    if (error instanceof GuestFault && error.isTrap) this.#end ??= { cause: error, isFailure: true };
  }

  #onAbort(reason: unknown): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#running?.reject(reason);
    this.#hostCalls.abort(reason);
    this.#deadline.start(this.#limits.abortGraceMs);
  }

  #onDeadline(): void {
    const running = this.#running;
    if (!running) return;
    const { exportName } = running;
    const { callTimeoutMs } = this.#limits;
    const timeout = new CallTimeoutError({ module: this.#moduleName, exportName, callTimeoutMs });
    // After an abort this is the end of its grace: the caller has left already, and the guest is not to blame.
    this.#giveUp(timeout, { cause: timeout, isFailure: !this.#givenUp });
  }

  #giveUp(reason: Error, end: InstanceEnd): void {
    const running = this.#running;
    if (!running) return;
    this.#givenUp = true;
    running.reject(reason);
    this.#hostCalls.abort(reason);
    if (!this.#isolate.canInterrupt) return;
    this.#end ??= end;
    void this.#isolate.end();
  }
}
