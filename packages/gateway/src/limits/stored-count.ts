import { LastSeen, type RecordKey, type Records } from '../state/records.ts';

/** One record that counts calls for all gateways that share a state store. */
export class StoredCount<T> {
  readonly #records: Records<T>;
  readonly #key: RecordKey;
  readonly #keptMs: number;
  readonly #seen = new LastSeen();
  /** One change after another: many at once would only make each other try again. */
  #turn: Promise<unknown> = Promise.resolve();
  #running = 0;

  /** @param keptMs - Milliseconds after which a record that nobody writes is gone. */
  constructor(records: Records<T>, key: RecordKey, keptMs: number) {
    this.#records = records;
    this.#key = key;
    this.#keptMs = keptMs;
  }

  /** Whether nothing is being changed from here. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Changes it in one step, as `Records.update` does. */
  async change(change: (now: T | undefined) => T | undefined): Promise<void> {
    this.#running++;
    const turn = this.#turn.then(() => this.#records.update(this.#key, change, this.#keptMs, this.#seen));
    this.#turn = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      this.#running--;
    }
  }
}
