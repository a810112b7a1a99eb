/** How much larger the process may be in the last third than in the second: the first is for warming up. */
const MAX_GROWTH = 1.1;
/** The same of a run of less than ten minutes, which is mostly warming up: only what runs away is found. */
const MAX_EARLY_GROWTH = 1.5;
const WARM_MINUTES = 10;

/** A shorter run has not warmed up when it ends, and its memory is not judged. */
export const MEMORY_MINUTES = 2;
const MAX_LOOP_P99_MS = 50;

/** So many turns must have been seen of which other processes were no part, or the event loop is not judged. */
const MIN_TURNS = 500;

/** What was promised, what was found, and whether it is so. */
export function judge({ minutes, intervals, tally, before, after }) {
  const own = intervals.flatMap((interval) => interval.own);
  const late = intervals.flatMap((interval) => interval.late);
  const third = Math.floor(intervals.length / 3);
  const rss = intervals.map((interval) => interval.rss / 1_048_576);
  const [second, last] = [quantile(rss.slice(third, 2 * third), 0.5), quantile(rss.slice(-third), 0.5)];
  const p99 = quantile(own, 0.99);
  const isWarm = minutes >= MEMORY_MINUTES;
  const limit = second * (minutes >= WARM_MINUTES ? MAX_GROWTH : MAX_EARLY_GROWTH);
  const atMost = (what, most, found) => ({ what, limit: `${most}`, found: `${found}`, isMet: found <= most });
  return [
    {
      what: 'memory, last third over second (medians, MB)',
      limit: limit.toFixed(0),
      found: `${last.toFixed(0)} (second: ${second.toFixed(0)}${isWarm ? '' : `; not judged below --minutes ${MEMORY_MINUTES}`})`,
      isMet: last <= limit || !isWarm,
    },
    {
      what: 'event loop, own work, p99 (ms)',
      limit: `${MAX_LOOP_P99_MS}`,
      found: `${p99.toFixed(1)} (max ${quantile(own, 1).toFixed(0)}; with waits for a processor p99 ${quantile(late, 0.99).toFixed(1)}; judged ${own.length} of ${late.length} turns)`,
      isMet: p99 < MAX_LOOP_P99_MS || own.length < MIN_TURNS,
    },
    ...['handles', 'files', 'sessions', 'children'].map((name) => atMost(`${name} left`, before[name], after[name])),
    atMost('calls of those that behave: wrong', 0, tally.wrong),
    atMost('calls of those that behave: lost', 0, tally.lost),
    atMost('calls to those that do not behave: unanswered', 0, tally.unanswered),
    { what: 'right answers', limit: '', found: `${tally.right}`, isMet: tally.right > 0 },
  ];
}

/** The value below which this share of the numbers lies. */
export function quantile(numbers, share) {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function table(findings) {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const limits = Math.max(...findings.map(({ limit }) => limit.length));
  return findings
    .map(({ what, limit, found, isMet }) => {
      return `${isMet ? 'ok    ' : 'FAILED'} ${what.padEnd(width)}  ${limit === '' ? '        ' : 'at most '}${limit.padStart(limits)}  ${found}`;
    })
    .join('\n');
}
