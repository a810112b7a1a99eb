import { expect, test } from 'vitest';
import { hammerTable, judgeHammer } from '../../hammer/judge-hammer.ts';
import type { HammerRun } from '../../hammer/run-hammer.ts';

const MIB = 1_048_576;
const held = { rssBytes: 100 * MIB, files: 20, threads: 11, handles: 1 };
const run: HammerRun = {
  ...{ node: '26.0.0', isolation: 'worker', rests: 0, versions: 9, ms: 20_000, peakRssBytes: 300 * MIB, problems: [] },
  total: { made: 40_000, right: 36_100, aborted: 3_900, wrong: 0 },
  kinds: { echo: { made: 40_000, right: 36_100, aborted: 3_900, wrong: 0 } },
  loop: { p99Ms: 7, maxMs: 40, ticks: 2_000 },
  before: held,
  after: held,
};

test('a run in which everything came back is found nothing wrong with, and is one line of the table', () => {
  expect(judgeHammer(run)).toEqual([]);
  expect(hammerTable([run]).split('\n').at(-1)).toMatch(
    /^\| 26\.0\.0 +\| worker +\| 40000 +\| 36100 +\| 3900 +\| 0 +\| 2000 .*\| 7\.0 ms \(max 40\) +\| 100 → 100 MiB \(peak 300\) +\| 1 → 1 /,
  );
});

test.each<[what: string, change: Partial<HammerRun>, finding: RegExp]>([
  ['a wrong answer', { total: { ...run.total, wrong: 1 } }, /^1 calls did not give what they must$/],
  ['a thread left', { after: { ...held, threads: 12 } }, /^threads: 11 before, 12 after$/],
  ['a handle left', { after: { ...held, handles: 2 } }, /^handles: 1 before, 2 after$/],
  ['memory left', { after: { ...held, rssBytes: 133 * MIB } }, /^memory: 100 MiB before, 133 MiB after$/],
  ['a slow event loop', { loop: { p99Ms: 51, maxMs: 90, ticks: 2_000 } }, /^event loop: p99 51\.0 ms/],
  ['what the run itself found', { problems: ['nobody caught: Error'] }, /^nobody caught: Error$/],
])('%s is found', (_what, change, finding) => {
  expect(judgeHammer({ ...run, ...change })).toEqual([expect.stringMatching(finding)]);
});
