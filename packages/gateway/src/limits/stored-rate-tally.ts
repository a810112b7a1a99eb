import type { RateCountRecord } from '../state/rate-count-record.ts';
import type { RecordKey, Records } from '../state/records.ts';
import { StoredCount } from './stored-count.ts';
import type { Moment, Tally } from './tally.ts';

/**
 * Counts in periods that begin with their first call, for all gateways that share a state store. Their clocks say when a period is over; one that is put back
 * makes none longer than it is twice.
 */
export class StoredRateTally implements Tally {
  readonly #count: StoredCount<RateCountRecord>;
  readonly #periodMs: number;
  /** The period of each place that may be given back. */
  readonly #ends = new WeakMap<Moment, number>();

  constructor(records: Records<RateCountRecord>, key: RecordKey, periodMs: number) {
    this.#count = new StoredCount(records, key, periodMs);
    this.#periodMs = periodMs;
  }

  async take(moment: Moment, calls: number): Promise<number> {
    let wait = 0;
    await this.#count.change((record) => {
      const latest = moment.wall + this.#periodMs;
      const isOn = record !== undefined && record.endsAt > moment.wall;
      const endsAt = isOn ? record.endsAt : latest;
      const made = isOn ? record.calls : 0;
      // A record that nobody writes is gone after its time.
      wait = made < calls ? 0 : Math.min(endsAt, latest) - moment.wall;
      if (wait > 0) return record;
      this.#ends.set(moment, endsAt);
      return { ...record, endsAt, calls: made + 1 };
    });
    return wait;
  }

  async giveBack(moment: Moment): Promise<void> {
    const endsAt = this.#ends.get(moment);
    await this.#count.change((record) =>
      record && record.endsAt === endsAt && record.calls > 0 ? { ...record, calls: record.calls - 1 } : record,
    );
  }

  /** Its count is elsewhere. */
  isOver(): boolean {
    return this.#count.isIdle;
  }
}
