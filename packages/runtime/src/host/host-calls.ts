import { type Capability, encodeHttpFailure, type GivenAnswer } from '@lockgate/abi';
import { currentHostCall, type HostCall, insideHostCall } from '../call-context.ts';
import { GuestFault } from '../fault.ts';
import type { GivenFunction } from '../options.ts';

/** Calls of the guarded server that one guard call may make. Source: ABI.md §2, "Imports". */
const MAX_BACKEND_CALLS = 50;

/** What a module gives its guests; shared by all its instances. */
export interface HostServices {
  /** One HTTP request, as JSON in and out. Never rejects: failures are responses with status 0. */
  readonly http: (request: string, signal: AbortSignal) => Promise<string>;
  /** The same where no request could be made, whatever it asks for: its refusal, at once. `http` is then not asked. */
  readonly refuseHttp?: ((request: string) => string) | undefined;
  /** One call of the guarded server, its arguments as JSON; rejects where it failed. Absent for plugins. */
  /** Functions that guests import by name, or their dialect asks for. @default none */
  readonly functions?: Readonly<Record<string, GivenFunction>> | undefined;
  readonly backend?:
    | ((tool: string, args: string, signal: AbortSignal, caller: unknown) => Promise<Uint8Array>)
    | undefined;
}

/** The host calls of one instance: counted for each call of the guest, ended with it, and known as re-entry's origin. */
export class HostCalls {
  /** Told at the first host call of each call of the guest. */
  onFirst: (() => void) | undefined;
  /** Lets the time of the guest's call stand still until what it answers is called. */
  onHold: () => () => void = () => () => {};
  readonly #services: HostServices;
  readonly #owner: object;
  readonly #maxCalls: number;
  #from: HostCall | undefined;
  #caller: unknown;
  #calls = 0;
  #backendCalls = 0;
  #stop: AbortController | undefined;
  #reason: unknown;
  #aborted = false;
  #ended = false;

  constructor(services: HostServices, owner: object, maxCalls: number) {
    this.#services = services;
    this.#owner = owner;
    this.#maxCalls = maxCalls;
  }

  /** Starts the next call of the guest, with nothing counted, from where it is made and on whose behalf. */
  begin(caller?: unknown): void {
    this.#from = currentHostCall();
    this.#caller = caller;
    this.#calls = 0;
    this.#backendCalls = 0;
    this.#stop = undefined;
    this.#reason = undefined;
    this.#aborted = false;
    this.#ended = false;
  }

  /** Makes the host calls under way, and every further one of this call, fail inside the guest. None of them traps it. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#stop?.abort(reason);
  }

  /** {@link abort}, for good: from now on each host call traps the guest. */
  end(reason: unknown): void {
    this.abort(reason);
    this.#ended = true;
  }

  /** What is waited for: HTTP is not where all of it is refused, nor are functions where none is given. */
  get waits(): ReadonlySet<Capability> {
    return waitsOf(this.#services);
  }

  /** @throws GuestFault to trap the guest: too many host calls, or the call was ended, not merely aborted. */
  http(request: string): string | Promise<string> {
    const { refuseHttp } = this.#services;
    if (refuseHttp !== undefined) {
      this.#enter();
      return refuseHttp(request);
    }
    const signal = this.#enter();
    const ask = () => insideHostCall(this.#owner, this.#from, () => this.#services.http(request, signal));
    return untilAborted(ask, signal, () => encodeHttpFailure('ended', 'the call was ended'));
  }

  /**
   * One function that was given by name; undefined at once where none is. What it throws, and the end of the call, are a failure.
   *
   * @throws GuestFault as {@link http}
   */
  functions(name: string, args: readonly Uint8Array[]): GivenAnswer | Promise<GivenAnswer> {
    const { functions = {} } = this.#services;
    const given = Object.hasOwn(functions, name) ? functions[name] : undefined;
    const signal = this.#enter();
    if (given === undefined) return undefined;
    const context = { signal, caller: this.#caller, hold: () => this.onHold() };
    const ask = () => insideHostCall(this.#owner, this.#from, async () => given(args, context));
    return untilAborted<GivenAnswer>(
      () =>
        ask().catch(
          (error: unknown): GivenAnswer => ({ failure: error instanceof Error ? error.message : String(error) }),
        ),
      signal,
      () => ({ failure: 'the call was ended' }),
    );
  }

  /** Inline, where sleeping must not keep the thread: ends early when the call is aborted. @throws GuestFault as {@link http} */
  async sleep(ms: number): Promise<void> {
    const signal = this.#enter();
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  /** Answers undefined where it failed. @throws GuestFault as {@link http} */
  backend(tool: string, args: string): Promise<Uint8Array | undefined> {
    const { backend } = this.#services;
    this.#backendCalls += 1;
    if (!backend || this.#backendCalls > MAX_BACKEND_CALLS) {
      this.#enter();
      return Promise.resolve(undefined);
    }
    const signal = this.#enter();
    const caller = this.#caller;
    const ask = () => insideHostCall(this.#owner, this.#from, () => backend(tool, args, signal, caller));
    return untilAborted<Uint8Array | undefined>(ask, signal, () => undefined);
  }

  #enter(): AbortSignal {
    this.#calls += 1;
    if (this.#ended) throw new GuestFault('the call was ended while the guest went on', { isTrap: true });
    if (this.#calls > this.#maxCalls) {
      throw new GuestFault(`the guest made more than ${this.#maxCalls} host calls in one call`, { isTrap: true });
    }
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      if (this.#aborted) this.#stop.abort(this.#reason);
      this.onFirst?.();
    }
    return this.#stop.signal;
  }
}

/** What guests of a module wait for, by what it is given. */
export function waitsOf({ refuseHttp, functions }: HostServices): ReadonlySet<Capability> {
  const waits = new Set<Capability>(['backend']);
  if (refuseHttp === undefined) waits.add('http');
  if (functions !== undefined && Object.keys(functions).length > 0) waits.add('functions');
  return waits;
}

/** What is answered, or the fallback as soon as the signal fires or asking fails: an injected function may ignore both. */
function untilAborted<T>(ask: () => Promise<T>, signal: AbortSignal, fallback: () => T): Promise<T> {
  if (signal.aborted) return Promise.resolve(fallback());
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(fallback());
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (value: T): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(value);
    };
    ask().then(settle, () => settle(fallback()));
  });
}
