import { closest, distance } from 'fastest-levenshtein';

/** The one of these words that was probably meant; undefined where none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(given, known);
  return distance(given, near) <= Math.max(2, given.length / 3) ? near : undefined;
}

/** As the end of a sentence; empty where nothing is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
