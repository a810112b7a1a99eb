import { stripVTControlCharacters, type styleText } from 'node:util';

/** How one test ended. */
export interface SuiteRow {
  /** Title of the test behind those of its groups, with ` > ` in between. */
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'not applicable';
  /** Of a failure, what is wrong; of a test that does not apply, why. */
  readonly sentence?: string;
  /** What a failing test threw. */
  readonly error?: unknown;
}

/** How all tests ended. Prints itself as a table. */
export interface SuiteReport {
  readonly rows: readonly SuiteRow[];
  readonly failed: number;
  toString(): string;
}

const OUTCOMES = ['passed', 'failed', 'not applicable'] as const;

/** Paints a text; what it gives back takes no more room on a screen. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

const PLAIN: Paint = (_format, text) => text;
const STYLES = { passed: ['✔', 'green'], failed: ['✖', 'red'], 'not applicable': ['﹣', 'dim'] } as const;

/** A row of the table: why a test does not apply stands beside its title, what is wrong with a failing one below. */
export function rowLines(
  { title, outcome, sentence = '' }: SuiteRow,
  titleWidth: number,
  paint: Paint = PLAIN,
): string {
  const [mark, style] = STYLES[outcome];
  const said = stripVTControlCharacters(sentence)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (outcome === 'failed') return [paint(style, `${mark} ${title}`), ...said].join('\n    ');
  if (said.length === 0) return `${paint(style, mark)} ${title}`;
  return `${paint(style, mark)} ${title.padEnd(titleWidth)}  ${paint('dim', said.join(' '))}`;
}

/** How many passed, failed and do not apply, as one line. */
export function totalsLine(rows: readonly SuiteRow[]): string {
  return OUTCOMES.map((outcome) => `${countOf(rows, outcome)} ${outcome}`).join(', ');
}

/** How wide the column of titles is. */
export function widthOf(titles: readonly string[]): number {
  return Math.max(0, ...titles.map(({ length }) => length));
}

/** The report of these rows. */
export function reportOf(rows: readonly SuiteRow[]): SuiteReport {
  const width = widthOf(rows.map(({ title }) => title));
  const table = [...rows.map((row) => rowLines(row, width)), totalsLine(rows)].join('\n');
  return { rows, failed: countOf(rows, 'failed'), toString: () => table };
}

function countOf(rows: readonly SuiteRow[], wanted: SuiteRow['outcome']): number {
  return rows.filter(({ outcome }) => outcome === wanted).length;
}
