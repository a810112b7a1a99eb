import type { ImportPlan, Outcome } from '../clients/plan-import.ts';
import { printable, underHome } from './printable.ts';
import { columns, type Paint, painter } from './terminal.ts';

const MARKS = {
  added: ['green', '+'],
  same: ['dim', '='],
  taken: ['yellow', '!'],
  'left out': ['red', '-'],
  'not wanted': ['dim', ' '],
} as const;

/** What comes of each entry, by file. */
export function describeImport(outcomes: readonly Outcome[], home: string, paint: Paint): string {
  const files = Map.groupBy(
    outcomes.filter(({ result }) => result !== 'not wanted'),
    ({ file, client }) => `${underHome(printable(file), home)} (${client})`,
  );
  return [...files]
    .map(
      ([file, ofFile]) =>
        `\n${paint('bold', file)}\n${ofFile.map((outcome) => describeOutcome(outcome, (text) => underHome(printable(text), home), paint)).join('')}`,
    )
    .join('');
}

function describeOutcome({ name, result, to, remarks }: Outcome, show: (text: string) => string, paint: Paint): string {
  const [style, mark] = MARKS[result];
  const shown = show(name);
  const off = to?.entry.disabled === true ? ' (switched off)' : '';
  if (result === 'added') {
    const lines = remarks.map((remark) => `      ${show(remark)}\n`);
    return `  ${paint(style, mark)} ${shown}${off}\n${lines.join('')}`;
  }
  const what = result === 'left out' ? 'left out: ' : result === 'taken' ? 'not taken: ' : '';
  return `  ${paint(style, mark)} ${shown}: ${what}${show(remarks.join('; '))}\n`;
}

/** What has to be set, and where its value is now. */
export function describeVariables(
  { variables, values }: ImportPlan,
  secretsFile: string | undefined,
  home: string,
  paint: Paint,
): string {
  const isPut = (name: string): boolean => secretsFile !== undefined && values.has(name);
  const open = variables.filter(({ name, isSet }) => !isSet && !isPut(name));
  const unset = open.filter(({ otherwise }) => otherwise === undefined);
  const put = variables.filter(({ name }) => isPut(name)).map(({ name }) => name);
  const told = put.length === 0 ? '' : `\nIn ${secretsFile}, which only you can read: ${put.join(', ')}\n`;
  const show = (sources: readonly string[]): string => underHome(printable(sources.join('; ')), home);
  const choices = open.flatMap(({ name, sources, otherwise }) =>
    otherwise === undefined
      ? []
      : [[paint('bold', name), `${JSON.stringify(printable(otherwise))} otherwise; ${show(sources)}`]],
  );
  const may = choices.length === 0 ? '' : `\nMay be set as well:\n${columns(choices, '  ')}`;
  if (unset.length === 0) return told + may;
  const rows = unset.map(({ name, sources }) => [paint('bold', name), show(sources)]);
  const where = secretsFile === undefined ? 'a file for --env' : secretsFile;
  return `${told}\nSet before it is served, in the environment or in ${where}; the value is now in:\n${columns(rows, '  ')}${may}`;
}

/** A diff with its lines coloured. */
export function paintDifference(text: string, color: boolean): string {
  const paint = painter(color);
  return text.replace(/^[-+@].*$/gm, (line) => {
    if (line.startsWith('@')) return paint('cyan', line);
    return /^(\+\+\+|---) /.test(line) ? paint('bold', line) : paint(line.startsWith('+') ? 'green' : 'red', line);
  });
}
