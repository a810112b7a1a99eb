import { LastSeen, type RecordKey, type Records } from '../state/records.ts';

type Change<T> = (now: T | undefined) => T | undefined;

interface Waiting<T> extends PromiseWithResolvers<void> {
  readonly change: Change<T>;
}

/** Changes that are made in one step at most: as many callers as wait at once, and no record is held up by them. */
const MAX_AT_ONCE = 1_000;

/** One record that counts calls for all gateways that share a state store. */
export class StoredCount<T> {
  readonly #records: Records<T>;
  readonly #key: RecordKey;
  readonly #keptMs: number;
  readonly #seen = new LastSeen();
  /** What comes while others are on their way: many at once would only make each other try again, and one after the other would wait for the store each. */
  #waiting: Waiting<T>[] = [];
  #isRunning = false;

  /** @param keptMs - Milliseconds after which a record that nobody writes is gone. */
  constructor(records: Records<T>, key: RecordKey, keptMs: number) {
    this.#records = records;
    this.#key = key;
    this.#keptMs = keptMs;
  }

  /** Whether nothing is being changed from here. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** Changes it as `Records.update` does: in one step with all that wait for the same, in the order in which they came. */
  change(change: Change<T>): Promise<void> {
    const waiting = { ...Promise.withResolvers<void>(), change };
    this.#waiting.push(waiting);
    if (!this.#isRunning) void this.#run();
    return waiting.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.slice(0, MAX_AT_ONCE);
      this.#waiting = this.#waiting.slice(MAX_AT_ONCE);
      await this.#make(together);
    }
    this.#isRunning = false;
  }

  async #make(together: readonly Waiting<T>[]): Promise<void> {
    const all: Change<T> = (now) => together.reduce((record, { change }) => change(record), now);
    try {
      await this.#records.update(this.#key, all, this.#keptMs, this.#seen);
      for (const { resolve } of together) resolve();
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
