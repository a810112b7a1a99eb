import { AUDITED_METHODS } from '../observe/audited-methods.ts';
import type { RequestWatcher } from '../observe/telemetry.ts';
import type { RequestFacts } from '../observer.ts';
import type { CallCounts, DecisionFacts } from './api.ts';
import { DurationCounts } from './duration-counts.ts';
import { Ring } from './ring.ts';
import { type CallKeeper, WatchedCall } from './watched-call.ts';

const KEPT = 1_000;

export interface WatchedCallsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
  /** The decision of the reference monitor on a call that ends now. */
  readonly decisionOf: (call: WatchedCall) => DecisionFacts | undefined;
}

/** The calls that run and the last that have ended: who, what, how long, and never contents. */
export class WatchedCalls implements RequestWatcher, CallKeeper {
  readonly ended: Ring<WatchedCall> = new Ring<WatchedCall>(KEPT);
  /** What ended since they were taken last. */
  readonly durations: DurationCounts = new DurationCounts();
  readonly now: () => number;
  readonly monotonicNow: () => number;
  readonly #options: WatchedCallsOptions;
  readonly #running = new Set<WatchedCall>();
  readonly #totals = { calls: 0, errors: 0, withheld: 0, denied: 0 };
  #begun = 0;

  constructor(options: WatchedCallsOptions) {
    this.#options = options;
    this.now = options.now;
    this.monotonicNow = options.monotonicNow;
  }

  /** The oldest first. */
  get running(): Iterable<WatchedCall> {
    return this.#running;
  }

  /** Since the start. */
  get totals(): CallCounts {
    return { ...this.#totals };
  }

  begin(facts: RequestFacts): WatchedCall | undefined {
    if (!AUDITED_METHODS.has(facts.method)) return undefined;
    const call = new WatchedCall(++this.#begun, facts, this);
    this.#running.add(call);
    return call;
  }

  /** The one of this number, running or among the last that have ended. */
  find(number: number): WatchedCall | undefined {
    for (const call of this.#running) if (call.number === number) return call;
    for (const call of this.ended.newest()) if (call.number === number) return call;
    return undefined;
  }

  /** The last one of this session that has ended. */
  lastOf(session: string): WatchedCall | undefined {
    for (const call of this.ended.newest()) if (call.facts.session === session) return call;
    return undefined;
  }

  over(call: WatchedCall): void {
    call.decision = this.#options.decisionOf(call);
    this.#running.delete(call);
    this.ended.push(call);
    this.durations.add(call.durationMs ?? 0);
    this.#totals.calls++;
    const verdict = call.outcome?.verdict;
    if (verdict === 'error' || verdict === 'failed') this.#totals.errors++;
    else if (verdict === 'filtered') this.#totals.withheld++;
    else if (verdict === 'denied') this.#totals.denied++;
  }
}
