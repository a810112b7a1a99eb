import type { Measurement } from './measure.ts';

/** The figures as an aligned table, with their notes below it. */
export function formatTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => [
    one.name,
    `${short(one.baseline)} ${one.unit}`,
    `${short(one.subject)} ${one.unit}`,
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
  const notes = measurements.filter((one) => one.note).map((one) => `${one.name}: ${one.note}`);
  return [
    line(head),
    ...rows.map(line),
    '',
    'ratio = subject ÷ baseline, the median over alternating pairs of one run',
    ...notes,
  ].join('\n');
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
