import type { Held } from './held.ts';
import type { HammerRun } from './run-hammer.ts';

const MIB = 1_048_576;
const MAX_LOOP_P99_MS = 50;
/** So many ticks must have been seen of which other processes were no part, or the event loop is not judged. */
const MIN_TICKS = 500;
/** How much more memory the process may hold after the second half than after the first. */
const MAX_GROWTH = 1.25;
/** Where there was little, noise is a large part. */
const GROWTH_BYTES = 32 * MIB;
/** A shorter run has not warmed up when it ends. */
const WARM_CALLS = 10_000;

/** What a run promised and did not keep, in sentences. */
export function judgeHammer(run: HammerRun): readonly string[] {
  const { total, before, after, loop, problems } = run;
  const found = [...problems];
  if (total.wrong > 0) found.push(`${total.wrong} calls did not give what they must`);
  for (const name of ['files', 'threads', 'handles'] as const) {
    if (after[name] > before[name]) found.push(`${name}: ${before[name]} before, ${after[name]} after`);
  }
  const mostBytes = Math.max(before.rssBytes * MAX_GROWTH, before.rssBytes + GROWTH_BYTES);
  if (total.made >= WARM_CALLS && after.rssBytes > mostBytes)
    found.push(`memory: ${mib(before.rssBytes)} MiB before, ${mib(after.rssBytes)} MiB after`);
  if (loop.p99Ms > MAX_LOOP_P99_MS && loop.ticks >= MIN_TICKS)
    found.push(`event loop: p99 ${loop.p99Ms.toFixed(1)} ms of its own work, at most ${MAX_LOOP_P99_MS} ms`);
  return found;
}

/** The runs as a table in Markdown. */
export function hammerTable(runs: readonly HammerRun[]): string {
  const head = 'Node,isolation,calls,right,aborted,wrong,calls/s,versions,event loop p99,memory,handles,threads,files';
  const rows = runs.map((run) => {
    const { node, isolation, total, ms, versions, loop, before, after, peakRssBytes } = run;
    const calls = (total.made / (ms / 1_000)).toFixed(0);
    const memory = `${mib(before.rssBytes)} → ${mib(after.rssBytes)} MiB (peak ${mib(peakRssBytes)})`;
    const held = (name: keyof Held) => `${before[name]} → ${after[name]}`;
    return [
      ...[node, isolation, total.made, total.right, total.aborted, total.wrong, calls, versions],
      ...[`${loop.p99Ms.toFixed(1)} ms (max ${loop.maxMs.toFixed(0)})`, memory],
      ...[held('handles'), held('threads'), held('files')],
    ].map(String);
  });
  return aligned([head.split(','), ...rows]);
}

/** What was called, and how it ended, of one run. */
export function kindsTable({ kinds }: HammerRun): string {
  const rows = Object.entries(kinds).map(([name, { made, right, aborted, wrong }]) =>
    [name, made, right, aborted, wrong].map(String),
  );
  return aligned([['kind of call', 'calls', 'right', 'aborted', 'wrong'], ...rows]);
}

function aligned([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
