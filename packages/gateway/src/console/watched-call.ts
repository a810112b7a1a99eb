import { sessionTag } from '../observe/session-tag.ts';
import type { ObservedRequest, RequestFacts, RequestOutcome } from '../observer.ts';
import type { Call, DecisionFacts } from './api.ts';

/** What a client wrote is kept up to this length, in characters. */
const LONGEST = 256;

/** Who keeps the calls. */
export interface CallKeeper {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only go up. */
  monotonicNow(): number;
  over(call: WatchedCall): void;
}

/** One request as the console shows it. Made for every call, so it holds what it was given and words nothing. */
export class WatchedCall implements Pick<ObservedRequest, 'routedTo' | 'end'> {
  readonly number: number;
  /** What is known of it; of a call through one of the gateway's own tools, the tool that is really called. */
  facts: RequestFacts;
  readonly startedAt: number;
  server: string | undefined;
  outcome: RequestOutcome | undefined;
  durationMs: number | undefined;
  decision: DecisionFacts | undefined;
  readonly #keeper: CallKeeper;
  readonly #began: number;
  #routed: number | undefined;

  constructor(number: number, facts: RequestFacts, keeper: CallKeeper) {
    this.number = number;
    this.facts = kept(facts);
    this.#keeper = keeper;
    this.startedAt = keeper.now();
    this.#began = keeper.monotonicNow();
  }

  /** The last one that was asked counts: others before it have said no. */
  routedTo(server: string, target?: string): void {
    this.#routed ??= this.#keeper.monotonicNow();
    this.server = server;
    if (target !== undefined) this.facts = kept({ ...this.facts, target });
  }

  end(outcome: RequestOutcome): void {
    this.outcome = outcome;
    this.durationMs = this.#keeper.monotonicNow() - this.#began;
    this.#keeper.over(this);
  }

  /** How long it took to find out where it goes; undefined where it went nowhere. */
  get routeMs(): number | undefined {
    return this.#routed === undefined ? undefined : this.#routed - this.#began;
  }

  toCall(boot: string): Call {
    const { principal, session, method, target, requestBytes } = this.facts;
    const { verdict, reason, responseBytes } = this.outcome ?? {};
    return {
      id: `${boot}.${this.number}`,
      startedAt: this.startedAt,
      isRunning: this.outcome === undefined,
      principal,
      ...(session !== undefined && { session: sessionTag(session) }),
      ...(this.server !== undefined && { server: this.server }),
      method,
      ...(target !== undefined && { target }),
      ...(verdict !== undefined && { verdict }),
      ...(reason !== undefined && { reason }),
      ...(this.durationMs !== undefined && { durationMs: rounded(this.durationMs) }),
      ...(requestBytes !== undefined && { requestBytes }),
      ...(responseBytes !== undefined && { responseBytes }),
    };
  }
}

export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function kept(facts: RequestFacts): RequestFacts {
  return isShort(facts) ? facts : shortened(facts);
}

function isShort({ principal, target }: RequestFacts): boolean {
  return principal.length <= LONGEST && (target === undefined || target.length <= LONGEST);
}

/** A copy of what is kept: a part of a text keeps the whole of it alive. */
function shortened({ principal, session, method, target, requestBytes }: RequestFacts): RequestFacts {
  const cut = (text: string): string =>
    text.length <= LONGEST ? text : Buffer.from(`${text.slice(0, LONGEST)}…`).toString();
  return { principal: cut(principal), session, method, target: target && cut(target), requestBytes };
}
