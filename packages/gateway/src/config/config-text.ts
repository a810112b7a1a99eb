import type { ConfigProblem } from './config-error.ts';
import type { Place } from './place.ts';

/** A configuration as it was written: nothing expanded, nothing checked but its syntax. */
export interface ConfigText {
  /** What messages call it: the file's path, or `stdin`. */
  readonly source: string;
  readonly tree: unknown;
  /** What is wrong with the text although it can be read: a key that stands twice, whose last value is in the tree. @default nothing */
  readonly problems?: readonly ConfigProblem[];
  /** Line and column of a value, counted from 1; of the nearest enclosing value where that one is absent. */
  locate(place: Place): { readonly line: number; readonly column: number } | undefined;
}
