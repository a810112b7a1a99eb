import { getHeapStatistics } from 'node:v8';
import { residentBytes } from '../resident-bytes.ts';
import type { CallCounts, Tick } from './api.ts';
import { Ring } from './ring.ts';
import type { WatchedCalls } from './watched-calls.ts';

/** Ten minutes. */
const KEPT = 600;
const SECOND_MS = 1_000;

export interface TicksOptions {
  readonly calls: Pick<WatchedCalls, 'totals' | 'durations'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Requests that are being answered, and open sessions. */
  readonly state: () => { readonly running: number; readonly sessions: number };
  /** Told of each second. */
  readonly onTick?: ((tick: Tick) => void) | undefined;
}

/** How the gateway did in each of the last seconds. */
export class Ticks {
  readonly ring: Ring<Tick> = new Ring<Tick>(KEPT);
  readonly #options: TicksOptions;
  readonly #timer: NodeJS.Timeout;
  #before: CallCounts;

  constructor(options: TicksOptions) {
    this.#options = options;
    this.#before = options.calls.totals;
    this.#timer = setInterval(() => this.take(), SECOND_MS).unref();
  }

  /** Ends a second. */
  take(): void {
    const { calls, now, state, onTick } = this.#options;
    const { totals, durations } = calls;
    const before = this.#before;
    const { running, sessions } = state();
    const tick: Tick = {
      time: now(),
      calls: totals.calls - before.calls,
      errors: totals.errors - before.errors,
      withheld: totals.withheld - before.withheld,
      denied: totals.denied - before.denied,
      p50Ms: durations.quantile(0.5),
      p99Ms: durations.quantile(0.99),
      running,
      sessions,
      rssBytes: residentBytes() ?? this.ring.at(this.ring.last)?.rssBytes ?? 0,
      heapBytes: getHeapStatistics().used_heap_size,
    };
    this.ring.push(tick);
    onTick?.(tick);
    durations.clear();
    this.#before = totals;
  }

  /** Ends the last second, which may be a part of one: who adds them up misses nothing. */
  close(): void {
    clearInterval(this.#timer);
    this.take();
  }
}
