import type { WatchedRequest } from '../observe/telemetry.ts';
import type { RequestFacts, RequestOutcome } from '../observer.ts';
import type { SeenCall } from './seen-call.ts';

/** Who keeps the calls. */
export interface CallKeeper {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only go up. */
  monotonicNow(): number;
  over(call: WatchedCall, outcome: RequestOutcome, durationMs: number): void;
}

/** One request while it runs. Made for every call, so it holds what it was given and words nothing; nobody keeps it once it has ended. */
export class WatchedCall implements SeenCall, WatchedRequest {
  readonly number: number;
  readonly startedAt: number;
  readonly outcome: undefined;
  readonly durationMs: undefined;
  readonly decision: undefined;
  server: string | undefined;
  routeMs: number | undefined;
  /** Of a call through one of the gateway's own tools, the target is the tool that is really called. */
  #facts: RequestFacts;
  readonly #keeper: CallKeeper;
  readonly #began: number;

  /** @param beganAt - On the keeper's clock that only goes up. */
  constructor(number: number, facts: RequestFacts, beganAt: number, keeper: CallKeeper) {
    this.number = number;
    this.#facts = facts;
    this.#keeper = keeper;
    this.startedAt = keeper.now();
    this.#began = beganAt;
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

  /** The last one that was asked counts: others before it have said no. */
  routedTo(server: string, target?: string): void {
    this.routeMs ??= this.#keeper.monotonicNow() - this.#began;
    this.server = server;
    if (target !== undefined) this.#facts = { ...this.#facts, target };
  }

  end(outcome: RequestOutcome, durationMs: number): void {
    this.#keeper.over(this, outcome, durationMs);
  }
}
