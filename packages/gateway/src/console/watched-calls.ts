import { AUDITED_METHODS } from '../observe/audited-methods.ts';
import type { RequestWatcher } from '../observe/telemetry.ts';
import type { RequestFacts, RequestOutcome } from '../observer.ts';
import type { CallCounts, DecisionFacts } from './api.ts';
import { DurationCounts } from './duration-counts.ts';
import { EndedCalls } from './ended-calls.ts';
import { LinkedCalls } from './linked-calls.ts';
import type { SeenCall } from './seen-call.ts';
import { type CallKeeper, WatchedCall } from './watched-call.ts';

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
  readonly ended: EndedCalls = new EndedCalls((began) => this.timeOf(began));
  /** What ended since they were taken last. */
  readonly durations: DurationCounts = new DurationCounts();
  readonly monotonicNow: () => number;
  readonly #options: WatchedCallsOptions;
  readonly #running = new LinkedCalls();
  readonly #totals = { calls: 0, errors: 0, withheld: 0, denied: 0 };
  #begun = 0;

  constructor(options: WatchedCallsOptions) {
    this.#options = options;
    this.monotonicNow = options.monotonicNow;
  }

  timeOf(monotonic: number): number {
    return Math.round(this.#options.now() - this.#options.monotonicNow() + monotonic);
  }

  /** The oldest first. */
  get running(): Iterable<WatchedCall> {
    return this.#running;
  }

  /** Since the start. */
  get totals(): CallCounts {
    return { ...this.#totals };
  }

  begin(facts: RequestFacts, beganAt: number): WatchedCall | undefined {
    if (!AUDITED_METHODS.has(facts.method)) return undefined;
    const call = new WatchedCall(++this.#begun, facts, beganAt, this);
    this.#running.add(call);
    return call;
  }

  /** The one of this number, running or among the last that have ended. */
  find(number: number): SeenCall | undefined {
    for (const call of this.#running) if (call.number === number) return call;
    for (const call of this.ended.newest()) if (call.number === number) return call;
    return undefined;
  }

  /** The last one of this session that has ended. */
  lastOf(session: string): SeenCall | undefined {
    for (const call of this.ended.newest()) if (call.session === session) return call;
    return undefined;
  }

  over(call: WatchedCall, outcome: RequestOutcome, durationMs: number): void {
    this.#running.remove(call);
    this.ended.add(call, outcome, durationMs).decision = this.#options.decisionOf(call);
    this.durations.add(durationMs);
    const totals = this.#totals;
    totals.calls++;
    const { verdict } = outcome;
    if (verdict === 'error' || verdict === 'failed') totals.errors++;
    else if (verdict === 'filtered') totals.withheld++;
    else if (verdict === 'denied') totals.denied++;
  }
}
