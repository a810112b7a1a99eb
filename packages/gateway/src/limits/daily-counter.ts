import { type DailyCountRecord, dailyCountRecords } from '../state/daily-count-record.ts';
import { Records } from '../state/records.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Counter, Place, UsedUp } from './counter.ts';

const DAY_MS = 86_400_000;

export interface DailyCounterOptions {
  /** Tells its records from those of other limits. */
  readonly name: string;
  readonly calls: number;
  readonly store: StateStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Counts in days of the calendar, in UTC, in the state store. A clock that is put back gives nobody a new day. */
export class DailyCounter implements Counter {
  readonly #options: DailyCounterOptions;
  readonly #records: Records<DailyCountRecord>;
  /** One change of a record after another: many at once would only make each other try again. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: DailyCounterOptions) {
    this.#options = options;
    this.#records = new Records(options.store, dailyCountRecords);
  }

  async take(key: string): Promise<Place | UsedUp> {
    const { calls, now } = this.#options;
    let taken: Place | UsedUp | undefined;
    await this.#change(key, (record) => {
      const day = Math.max(Math.floor(now() / DAY_MS), record?.day ?? 0);
      const made = record?.day === day ? record.calls : 0;
      const isLeft = made < calls;
      taken = isLeft ? this.#placeOf(key, day) : { retryAfterMs: (day + 1) * DAY_MS - now() };
      return isLeft ? { ...record, day, calls: made + 1 } : record;
    });
    return taken as Place | UsedUp;
  }

  #placeOf(key: string, day: number): Place {
    return {
      giveBack: () =>
        this.#change(key, (record) =>
          record?.day === day && record.calls > 0 ? { ...record, calls: record.calls - 1 } : record,
        ),
    };
  }

  async #change(
    key: string,
    change: (now: DailyCountRecord | undefined) => DailyCountRecord | undefined,
  ): Promise<void> {
    const before = this.#turns.get(key);
    const turn = (before ?? Promise.resolve()).then(() =>
      this.#records.update([this.#options.name, key], change, 2 * DAY_MS),
    );
    const over = turn.catch(() => undefined);
    this.#turns.set(key, over);
    try {
      await turn;
    } finally {
      if (this.#turns.get(key) === over) this.#turns.delete(key);
    }
  }
}
