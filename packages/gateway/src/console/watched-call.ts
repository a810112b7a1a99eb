import type { WatchedRequest } from '../observe/telemetry.ts';
import type { RequestFacts, RequestOutcome } from '../observer.ts';
import type { SeenCall } from './seen-call.ts';

/** Who keeps the calls. */
export interface CallKeeper {
  /** Milliseconds since 1970, of a time on the clock that only goes up. */
  timeOf(monotonic: number): number;
  /** Milliseconds that only go up. */
  monotonicNow(): number;
  over(call: WatchedCall, outcome: RequestOutcome, durationMs: number): void;
}

/** One request while it runs. Made for every call, so it holds what it was given and words nothing; nobody keeps it once it has ended. */
export class WatchedCall implements SeenCall, WatchedRequest {
  readonly number: number;
  /** On the keeper's clock that only goes up. */
  readonly began: number;
  server: string | undefined;
  routeMs: number | undefined;
  /** The calls that began before and after it and run as well, as their keeper lists them. */
  before: WatchedCall | undefined;
  after: WatchedCall | undefined;
  /** Of a call through one of the gateway's own tools, the target is the tool that is really called. */
  #facts: RequestFacts;
  readonly #keeper: CallKeeper;

  constructor(number: number, facts: RequestFacts, began: number, keeper: CallKeeper) {
    this.number = number;
    this.began = began;
    this.#facts = facts;
    this.#keeper = keeper;
  }

  get startedAt(): number {
    return this.#keeper.timeOf(this.began);
  }

  get principal(): string {
    return this.#facts.principal;
  }

  get session(): string | undefined {
    return this.#facts.session;
  }

  get method(): string {
    return this.#facts.method;
  }

  get target(): string | undefined {
    return this.#facts.target;
  }

  get requestBytes(): number | undefined {
    return this.#facts.requestBytes;
  }

  get outcome(): undefined {
    return undefined;
  }

  get durationMs(): undefined {
    return undefined;
  }

  get decision(): undefined {
    return undefined;
  }

  /** The last one that was asked counts: others before it have said no. */
  routedTo(server: string, target?: string): void {
    this.routeMs ??= this.#keeper.monotonicNow() - this.began;
    this.server = server;
    if (target !== undefined) this.#facts = { ...this.#facts, target };
  }

  end(outcome: RequestOutcome, durationMs: number): void {
    this.#keeper.over(this, outcome, durationMs);
  }
}
