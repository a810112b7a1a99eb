import type { Fate } from './model.ts';
import type { AgentName, ServerName } from './steps.ts';

/** A place where bytes arrive. */
export type Place = `client ${AgentName}` | `server ${ServerName}`;

type Fates = Partial<Record<Place, Fate>>;

interface Datum {
  readonly what: string;
  readonly fates: Map<Place, Fate>;
}

/** The data of one run: each a word of its own, of which is known where it may be seen. */
export class Data {
  readonly #wordOf: (at: number) => string;
  readonly #data = new Map<string, Datum>();
  readonly #log: string[];

  /**
   * @param wordOf - The word of each, by its number.
   * @param log - Takes down what each word is.
   */
  constructor(wordOf: (at: number) => string, log: string[]) {
    this.#wordOf = wordOf;
    this.#log = log;
  }

  /** A new one. Whoever is not named may not see it. */
  add(what: string, fates: Fates = {}): string {
    const word = this.#wordOf(this.#data.size);
    this.#log.push(`  ${word} is ${what}`);
    this.#data.set(word, { what, fates: new Map(Object.entries(fates) as [Place, Fate][]) });
    return word;
  }

  decide(word: string, place: Place, fate: Fate): void {
    this.#data.get(word)?.fates.set(place, fate);
  }

  /** Which of them, by number, may not be seen at a place. */
  hiddenFrom(place: Place): ReadonlySet<number> {
    const all = [...this.#data.values()].map(({ fates }, at) => [at, fates.get(place) ?? 'withheld'] as const);
    return new Set(all.filter(([, fate]) => fate === 'withheld').map(([at]) => at));
  }

  /** Which of them must get to a place. */
  givenTo(place: Place): readonly string[] {
    return [...this.#data].filter(([, { fates }]) => fates.get(place) === 'given').map(([word]) => word);
  }

  /**
   * The same in a run that came to no end: what must be given may not be there yet.
   *
   * @throws where one is that must not be.
   */
  searchHidden(seen: ReadonlyMap<Place, string>): void {
    for (const [place, text] of seen) {
      for (const [word, { fates }] of this.#data) {
        const isHidden = (fates.get(place) ?? 'withheld') === 'withheld';
        if (isHidden && text.includes(word)) throw new Error(`${word} got to ${place}, and must not`);
      }
    }
  }

  /**
   * Searches all that arrived at each place for every word.
   *
   * @param onFate - Told of each that is given or withheld.
   * @throws where one is that must not be, or is not that must be.
   */
  search(seen: ReadonlyMap<Place, string>, onFate: (what: string, fate: Fate) => void): void {
    for (const [word, { what, fates }] of this.#data) {
      for (const fate of fates.values()) onFate(what, fate);
      for (const [place, text] of seen) {
        const fate = fates.get(place) ?? 'withheld';
        const isThere = text.includes(word);
        if (fate === 'withheld' && isThere) throw new Error(`${word} got to ${place}, and must not`);
        if (fate === 'given' && !isThere) throw new Error(`${word} did not get to ${place}`);
      }
    }
  }
}
