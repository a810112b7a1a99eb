import { closest, distance } from 'fastest-levenshtein';

/** Longer words are no slips of anybody, and comparing takes the product of the lengths. */
const MAX_LETTERS = 256;

/** The one of these words that was probably meant; undefined where none is near, or the given one has more than 256 letters. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (given.length > MAX_LETTERS) return undefined;
  const allowed = Math.max(2, given.length / 3);
  // Words differ at least by what one is longer.
  const comparable = known.filter((word) => Math.abs(word.length - given.length) <= allowed);
  if (comparable.length === 0) return undefined;
  const near = closest(given, comparable);
  return distance(given, near) <= allowed ? near : undefined;
}

/** As the end of a sentence; empty where nothing is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
