import type { Call, CallList } from '../console/api.ts';
import type { Said } from './asked-processes.ts';

/** So many are kept, as in one process. */
const KEPT = 1_000;
/** So many of each process are looked at. */
export const LOOKED_AT = 500;

/**
 * The calls of all processes that have ended while somebody looked, as streams of events tell them: numbers grow by one, and leave out what was not seen.
 */
export class SeenCalls {
  readonly #calls = new Map<number, Call>();
  /** Of each process, what it had when it was looked at last. */
  #known = new Map<number, ReadonlySet<string>>();
  #last = 0;
  #first = 1;

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  at(number: number): Call | undefined {
    return this.#calls.get(number);
  }

  /** Takes the newest {@link LOOKED_AT} of each. What one has that was not looked at before is old, and was asked for otherwise. */
  look(lists: readonly Said<CallList>[]): void {
    const fresh = lists.flatMap(({ number, value }) => {
      const ended = value.calls.filter(({ isRunning }) => !isRunning);
      const known = this.#known.get(number);
      this.#known.set(number, new Set(ended.map(({ id }) => id)));
      if (!known) return [];
      const added = ended.filter(({ id }) => !known.has(id));
      // As many as can be asked for: there were more.
      if (added.length === LOOKED_AT) this.#skip();
      return added;
    });
    for (const call of fresh.toSorted((one, other) => endOf(one) - endOf(other))) this.#add(call);
  }

  /** Nobody looks any more: what ends from now on is not seen. */
  rest(): void {
    if (this.#known.size === 0) return;
    this.#known = new Map();
    this.#skip();
  }

  #add(call: Call): void {
    this.#last += 1;
    this.#calls.set(this.#last, call);
    if (this.#calls.size <= KEPT) return;
    this.#calls.delete(this.#first);
    this.#first += 1;
  }

  /** Whoever was told of the last one has missed some. */
  #skip(): void {
    this.#last += 1;
    this.#first = this.#last + 1;
    this.#calls.clear();
  }
}

function endOf({ startedAt, durationMs = 0 }: Call): number {
  return startedAt + durationMs;
}
