import type { DailyCountRecord } from '../state/daily-count-record.ts';
import type { RecordKey, Records } from '../state/records.ts';
import { StoredCount } from './stored-count.ts';
import type { Moment, Tally } from './tally.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 2 * DAY_MS;

/** Counts in days of the calendar, in UTC, for all gateways that share a state store. A clock that is put back gives nobody a new day. */
export class StoredDayTally implements Tally {
  readonly #count: StoredCount<DailyCountRecord>;
  /** The day of each place that may be given back. */
  readonly #days = new WeakMap<Moment, number>();

  constructor(records: Records<DailyCountRecord>, key: RecordKey) {
    this.#count = new StoredCount(records, key, KEPT_MS);
  }

  async take(moment: Moment, calls: number): Promise<number> {
    let wait = 0;
    await this.#count.change((record) => {
      const day = Math.max(Math.floor(moment.wall / DAY_MS), record?.day ?? 0);
      const made = record?.day === day ? record.calls : 0;
      // A record that nobody writes is gone after its time.
      wait = made < calls ? 0 : Math.min((day + 1) * DAY_MS - moment.wall, KEPT_MS);
      if (wait > 0) return record;
      this.#days.set(moment, day);
      return { ...record, day, calls: made + 1 };
    });
    return wait;
  }

  async giveBack(moment: Moment): Promise<void> {
    const day = this.#days.get(moment);
    await this.#count.change((record) =>
      record && record.day === day && record.calls > 0 ? { ...record, calls: record.calls - 1 } : record,
    );
  }

  /** Its count is elsewhere. */
  isOver(): boolean {
    return this.#count.isIdle;
  }
}
