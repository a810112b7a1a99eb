import { conceptsOf, isAction } from './concepts.ts';
import { isTelling, wordsOf } from './words.ts';

/** Words of a query that are looked at. */
const MAX_WORDS = 64;

/** What a match of a synonym is worth, against one of the word itself. */
const CONCEPT_WEIGHT = 0.6;

/** What a word that says what is done is worth, against one that says to what. */
const ACTION_WEIGHT = 0.6;

/** One term that is looked up. */
interface QueryTerm {
  /** What its match is worth. */
  readonly weight: number;
  /** Places of the query's words that it stands for. */
  readonly places: ReadonlySet<number>;
}

/** What somebody looks for: the terms of a query, and how much of it each stands for. */
export class ToolQuery {
  readonly #terms = new Map<string, QueryTerm>();
  /** What each word is worth, by its place; words that say nothing are worth nothing. */
  readonly #weights: readonly number[];
  readonly #whole: number;

  constructor(text: string) {
    const words = wordsOf(text).slice(0, MAX_WORDS);
    const telling = words.map(isTelling);
    const isAnyTelling = telling.includes(true);
    this.#weights = words.map((word, place) => {
      if (isAnyTelling && !telling[place]) return 0;
      return isAction(word) ? ACTION_WEIGHT : 1;
    });
    this.#whole = this.#weights.reduce((sum, weight) => sum + weight, 0);
    for (const [place, word] of words.entries()) {
      const weight = this.#weights[place] as number;
      if (weight > 0) this.#add(word, weight, [place]);
    }
    for (const { term, from, to } of conceptsOf(words)) {
      const places = Array.from({ length: to - from }, (_, offset) => from + offset);
      const own = Math.max(...this.#weights.slice(from, to));
      this.#add(term, CONCEPT_WEIGHT * own, places);
    }
  }

  get terms(): ReadonlyMap<string, QueryTerm> {
    return this.#terms;
  }

  /** What part of the query is in something that has these of its terms, from 0 to 1. */
  coverage(terms: readonly string[]): number {
    const places = new Set(terms.flatMap((term) => [...(this.#terms.get(term)?.places ?? [])]));
    let covered = 0;
    for (const place of places) covered += this.#weights[place] ?? 0;
    return this.#whole === 0 ? 0 : covered / this.#whole;
  }

  #add(term: string, weight: number, places: readonly number[]): void {
    const before = this.#terms.get(term);
    this.#terms.set(term, {
      weight: Math.max(before?.weight ?? 0, weight),
      places: new Set([...(before?.places ?? []), ...places]),
    });
  }
}
