import { LastSeen, type RecordKey, type Records } from './records.ts';
import { StateError } from './state-error.ts';

/**
 * One record that this process has written or seen and counts on. A store that has lost it is noticed, where an absent record would say too little. So is one that was emptied
 * before this process looked: that makes no new beginning for those who were there before.
 */
export class KeptRecord<T> {
  readonly #records: Records<T>;
  readonly #key: RecordKey;
  readonly #ttlMs: number | undefined;
  /** The life of the store from which on an absent record is one that was never written. */
  readonly #bornIn: number;
  readonly #last = new LastSeen();
  #seen = false;

  /** @param ttlMs - Milliseconds after which a record that nobody writes or renews is gone. @default it stays */
  constructor(records: Records<T>, key: RecordKey, ttlMs?: number) {
    this.#records = records;
    this.#key = key;
    this.#ttlMs = ttlMs;
    // One that outlives sessions may be of any time: what this process has not seen, another one has.
    this.#bornIn = records.isOfSession ? records.lives : 1;
  }

  /** @throws GATEWAY_STATE when the store fails, and when the record was there before and is not any more. */
  async get(): Promise<T | undefined> {
    const expected = this.#seen;
    return this.#noticed(await this.#records.get(this.#key, this.#last), expected);
  }

  /**
   * Changes the record in one step, as `Records.update` does, beginning with what was seen last.
   *
   * @throws GATEWAY_STATE when the store fails, and when the record was there before and is not any more.
   */
  async update(change: (now: T | undefined) => T | undefined): Promise<T | undefined> {
    // As it was before the store was asked: what others write meanwhile may be too late for the answer.
    const expected = this.#seen;
    const noticed = (now: T | undefined): T | undefined => change(this.#noticed(now, expected));
    const record = await this.#records.update(this.#key, noticed, this.#ttlMs, this.#last);
    this.#seen ||= record !== undefined;
    return record;
  }

  /** How many lives the records of the store have had. */
  get lives(): number {
    return this.#records.lives;
  }

  get isOfSession(): boolean {
    return this.#records.isOfSession;
  }

  /** Whether the record was there when this process last saw it. */
  get isKept(): boolean {
    return this.#seen;
  }

  /**
   * Writes the record anew, whatever is there, also where the store has lost it or it cannot be read. False, and nothing is written, where there never was one.
   *
   * @throws GATEWAY_STATE when the store fails.
   */
  async startOver(value: T): Promise<boolean> {
    if (!this.#seen && !(await this.#records.has(this.#key)) && !this.#mayBeLost) return false;
    this.#last.current = undefined;
    await this.#records.put(this.#key, value, this.#ttlMs);
    this.#seen = true;
    return true;
  }

  async delete(): Promise<void> {
    this.#seen = false;
    this.#last.current = undefined;
    await this.#records.delete(this.#key);
  }

  /** Whether there may have been a record that went with the others of its time. */
  get #mayBeLost(): boolean {
    return this.#records.lives > this.#bornIn;
  }

  #noticed(record: T | undefined, expected: boolean): T | undefined {
    if (record === undefined && (expected || this.#mayBeLost)) {
      const { kindName: record, isOfSession } = this.#records;
      throw new StateError({ kind: 'lost', record, isOfSession });
    }
    this.#seen ||= record !== undefined;
    return record;
  }
}
