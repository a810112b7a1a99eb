import { isDeepStrictEqual } from 'node:util';
import { matchesGlob } from '../config/glob.ts';
import { matchesItem } from '../config/item-patterns.ts';
import type { LimitEntry } from '../config/limits-section.ts';
import type { StateStore } from '../state/state-store.ts';
import type { CountedCall } from './counted-call.ts';
import { type Counter, isUsedUp, type Place } from './counter.ts';
import { DailyCounter } from './daily-counter.ts';
import { LimitReachedError } from './limit-reached-error.ts';
import { RateCounter } from './rate-counter.ts';

const PERIOD_MS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;

type Entries = Readonly<Record<string, LimitEntry>>;

interface Limit {
  readonly name: string;
  readonly entry: LimitEntry;
  readonly counter: Counter;
}

export interface CallLimitsOptions {
  readonly store: StateStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
}

/** How often calls may be made: by principal, server and tool, whatever session they come in. */
export class CallLimits {
  readonly #options: CallLimitsOptions;
  #limits: readonly Limit[] = [];

  constructor(options: CallLimitsOptions, entries: Entries) {
    this.#options = options;
    this.replace(entries);
  }

  /** Whether any limit is configured. */
  get isActive(): boolean {
    return this.#limits.length > 0;
  }

  /** Other limits from now on. One that is as before goes on counting, and so does each day's count. */
  replace(entries: Entries): void {
    this.#limits = Object.entries(entries).map(([name, entry]) => {
      const kept = this.#limits.find((limit) => limit.name === name && isDeepStrictEqual(limit.entry, entry));
      return kept ?? { name, entry, counter: this.#counterOf(name, entry) };
    });
  }

  /**
   * Takes a place of each limit that a call falls under, in their order.
   *
   * @throws GATEWAY_LIMIT_REACHED where one has none left, and GATEWAY_STATE where that cannot be known; places of the others are given back.
   */
  async take(call: CountedCall): Promise<Place> {
    const taken: Place[] = [];
    const giveBack = async (): Promise<void> => {
      await Promise.allSettled(taken.map((place) => place.giveBack()));
    };
    try {
      for (const { name, entry, counter } of this.#limits) {
        if (!fallsUnder(call, entry)) continue;
        const place = await counter.take(keyOf(call, entry));
        if (isUsedUp(place)) throw reached(name, entry, place.retryAfterMs);
        taken.push(place);
      }
    } catch (error) {
      await giveBack();
      throw error;
    }
    return { giveBack };
  }

  #counterOf(name: string, { calls, per }: LimitEntry): Counter {
    const { store, now, monotonicNow } = this.#options;
    if (per === 'day') return new DailyCounter({ name, calls, store, now });
    return new RateCounter({ calls, periodMs: PERIOD_MS[per], now: monotonicNow });
  }
}

function fallsUnder({ principal, server, tool, isToolCall }: CountedCall, { tools, principals }: LimitEntry): boolean {
  if (principals && !principals.some((pattern) => matchesGlob(pattern, principal))) return false;
  return !tools || (isToolCall && tools.some((pattern) => matchesItem(pattern, server, tool)));
}

/** Injective, whatever characters names have: two principals never share a count. A tool is one of its server. */
function keyOf({ principal, server, tool, isToolCall }: CountedCall, { by }: LimitEntry): string {
  const isByTool = by.includes('tool');
  return JSON.stringify([
    by.includes('principal') ? principal : null,
    isByTool || by.includes('server') ? server : null,
    isByTool ? [tool, isToolCall] : null,
  ]);
}

const COUNTED = { principal: 'caller', server: 'server', tool: 'tool' } as const;

function reached(limit: string, { calls, per, by }: LimitEntry, retryAfterMs: number): LimitReachedError {
  const each = (['principal', 'server', 'tool'] as const).filter((what) => by.includes(what));
  const of = each.length === 0 ? ' to all together' : ` for each ${each.map((what) => COUNTED[what]).join(' and ')}`;
  return new LimitReachedError({
    limit,
    calls,
    per,
    of,
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  });
}
