import type { Measurement } from './measure.ts';
import type { Summary } from './statistics.ts';

/** The figures as an aligned table, with their notes below it. */
export function formatTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => [
    one.name,
    `${spread(one.baseline)} ${one.unit}`,
    `${spread(one.subject)} ${one.unit}`,
    `${one.ratio.median.toFixed(2)}×`,
    `${one.ratio.low.toFixed(2)}–${one.ratio.high.toFixed(2)}`,
    one.aim ? `${one.aim.better === 'lower' ? '≤' : '≥'} ${one.aim.ratio}×` : '',
    one.verdict === 'too noisy' ? 'too noisy to say' : one.verdict,
  ]);
  const head = ['figure', 'baseline', 'subject', 'ratio', 'quartiles', 'aim', 'verdict'];
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(head),
    ...rows.map(line),
    '',
    'ratio = subject ÷ baseline, the median over alternating pairs of one run; in brackets, quartiles of the values',
    ...formatNotes(measurements),
  ].join('\n');
}

/** Each note once, behind what the names of all its rows begin with. */
function formatNotes(measurements: readonly Measurement[]): string[] {
  const named = Map.groupBy(
    measurements.filter((one) => one.note !== undefined),
    (one) => one.note,
  );
  return [...named].map(([note, rows]) => `${commonStart(rows.map(({ name }) => name))}: ${note}`);
}

function commonStart([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  const words = first.split(' ');
  const common = words.findIndex((_, index) => {
    const start = words.slice(0, index + 1).join(' ');
    return !others.every((name) => name.startsWith(start));
  });
  return words
    .slice(0, common < 0 ? words.length : common)
    .join(' ')
    .replace(/[,:]$/, '');
}

function spread({ median, low, high }: Summary): string {
  return `${short(median)} (${short(low)}–${short(high)})`;
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
