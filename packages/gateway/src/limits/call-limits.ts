import { isDeepStrictEqual } from 'node:util';
import { matchesGlob } from '../config/glob.ts';
import { matchesItem } from '../config/item-patterns.ts';
import type { LimitEntry } from '../config/limits-section.ts';
import { dailyCountRecords } from '../state/daily-count-record.ts';
import { rateCountRecords } from '../state/rate-count-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import type { CountedCall } from './counted-call.ts';
import { DayTally } from './day-tally.ts';
import { LimitReachedError } from './limit-reached-error.ts';
import { PreparedCounts } from './prepared-counts.ts';
import { RateTally } from './rate-tally.ts';
import { StoredDayTally } from './stored-day-tally.ts';
import { StoredRateTally } from './stored-rate-tally.ts';
import { Tallies } from './tallies.ts';
import type { Moment, Tally } from './tally.ts';

const PERIOD_MS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const;

type Entries = Readonly<Record<string, LimitEntry>>;

interface Limit {
  readonly name: string;
  readonly entry: LimitEntry;
  readonly tallies: Tallies;
}

/** A limit that a call falls under, and the count that it has there. */
interface Count {
  readonly limit: Limit;
  readonly tally: Tally;
}

/** A place of each limit that a call falls under. */
export interface Place {
  /** Gives them to the next, where their periods have not passed: the call was not made after all. */
  giveBack(): Promise<void>;
}

export interface CallLimitsOptions {
  readonly store: StateStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
}

/**
 * How often calls may be made: by principal, server and tool, whatever session they come in. Rates are counted by a clock that only goes
 * up, days by the calendar; both in the state store, by the wall clock, where others share it.
 */
export class CallLimits {
  readonly #options: CallLimitsOptions;
  #limits: readonly Limit[] = [];
  #turns = 0;
  /** What was found out of calls of the same kind before. */
  readonly #prepared = new PreparedCounts<readonly Count[]>();

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
      const before = this.#limits.find((limit) => limit.name === name);
      const isKept =
        before && (isDeepStrictEqual(before.entry, entry) || (before.entry.per === 'day' && entry.per === 'day'));
      return { name, entry, tallies: isKept ? before.tallies : this.#talliesOf(name, entry) };
    });
    this.#prepared.clear();
  }

  /**
   * Takes a place of each limit that a call falls under, in their order. At once, where everything is counted in this process.
   *
   * @throws GATEWAY_LIMIT_REACHED where one has none left, and GATEWAY_STATE where that cannot be known; places of the others are given back. Rejects
   * with them where it has to wait.
   */
  take(call: CountedCall): Place | Promise<Place> {
    const { now, monotonicNow } = this.#options;
    const moment = { turn: ++this.#turns, at: monotonicNow(), wall: now() };
    const counts = this.#countsOf(call, moment);
    for (let index = 0; index < counts.length; index++) {
      const { limit, tally } = counts[index] as Count;
      const wait = tally.take(moment, limit.entry.calls);
      if (typeof wait !== 'number') return takeRest(counts, index, wait, moment);
      if (wait === 0) continue;
      for (const { tally: taken } of counts.slice(0, index)) void taken.giveBack(moment);
      throw reached(limit.name, limit.entry, wait);
    }
    return new Places(counts, moment);
  }

  #countsOf(call: CountedCall, moment: Moment): readonly Count[] {
    const known = this.#prepared.get(call);
    if (known) return known;
    const counts = this.#limits
      .filter(({ entry }) => fallsUnder(call, entry))
      .map((limit) => {
        const tally = limit.tallies.of(keyOf(call, limit.entry), moment, () => this.#prepared.clear());
        return { limit, tally };
      });
    this.#prepared.set(call, counts);
    return counts;
  }

  #talliesOf(name: string, { per }: LimitEntry): Tallies {
    const { store } = this.#options;
    if (per === 'day') {
      if (!store.isShared) return new Tallies(() => new DayTally());
      const records = new Records(store, dailyCountRecords);
      return new Tallies((key) => new StoredDayTally(records, [name, key]));
    }
    if (!store.isShared) return new Tallies(() => new RateTally(PERIOD_MS[per]));
    const records = new Records(store, rateCountRecords);
    return new Tallies((key) => new StoredRateTally(records, [name, per, key], PERIOD_MS[per]));
  }
}

class Places implements Place {
  readonly #counts: readonly Count[];
  readonly #moment: Moment;

  constructor(counts: readonly Count[], moment: Moment) {
    this.#counts = counts;
    this.#moment = moment;
  }

  async giveBack(): Promise<void> {
    await Promise.allSettled(this.#counts.map(async ({ tally }) => tally.giveBack(this.#moment)));
  }
}

/** Goes on at a count that has to be waited for. */
async function takeRest(
  counts: readonly Count[],
  from: number,
  first: Promise<number>,
  moment: Moment,
): Promise<Place> {
  const taken = counts.slice(0, from);
  try {
    for (const count of counts.slice(from)) {
      const { limit, tally } = count;
      const wait = await (taken.length === from ? first : tally.take(moment, limit.entry.calls));
      if (wait > 0) throw reached(limit.name, limit.entry, wait);
      taken.push(count);
    }
  } catch (error) {
    await new Places(taken, moment).giveBack();
    throw error;
  }
  return new Places(counts, moment);
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
