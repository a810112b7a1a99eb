import { readFileSync } from 'node:fs';
import type { Difference } from './differences.ts';

/** A kind of difference that is meant to be, as `justified.json` has it. Texts of `where` are regular expressions. */
interface JustifiedKind {
  readonly id: string;
  readonly reason: string;
  readonly where: readonly {
    /** Between which eras: `2025 to 2025`, client first. All, when absent. */
    readonly eras?: string;
    readonly label?: string;
    readonly path: string;
    /** What stands there; null for nothing; anything, when absent. */
    readonly direct?: string | null;
    readonly through?: string | null;
  }[];
}

export const JUSTIFIED: readonly JustifiedKind[] = JSON.parse(
  readFileSync(new URL('./justified.json', import.meta.url), 'utf8'),
);

/** The kind that a difference is of; undefined where nothing justifies it. */
export function justificationOf(difference: Difference, eras: string): JustifiedKind | undefined {
  const fits = (pattern: string | null | undefined, text: string | undefined): boolean =>
    pattern === undefined ||
    (pattern === null ? text === undefined : text !== undefined && new RegExp(pattern, 's').test(text));
  return JUSTIFIED.find(({ where }) =>
    where.some(
      (one) =>
        fits(one.eras, eras) &&
        fits(one.label, difference.label) &&
        fits(one.path, difference.path) &&
        fits(one.direct, difference.direct) &&
        fits(one.through, difference.through),
    ),
  );
}
