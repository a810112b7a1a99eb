import { afterAll, expect, test, vi } from 'vitest';
import { BROKEN_MODULES } from './modules.ts';
import { BROKEN_CACHES, BROKEN_LOADERS, BROKEN_MONITORS, BROKEN_STATE_STORES } from './others.ts';
import { runSuite } from './run-suite.ts';

const SUBJECTS = [...BROKEN_MODULES, ...BROKEN_LOADERS, ...BROKEN_CACHES, ...BROKEN_MONITORS, ...BROKEN_STATE_STORES];

// The suites' watchdogs would sound long after a subject has been seen to hang, and count as timers left behind.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

const rows: string[] = [];

afterAll(() => {
  const width = Math.max(...SUBJECTS.map(({ fault }) => fault.length));
  const table = rows.map((row) => row.replace('|', ' '.repeat(width - row.indexOf('|'))));
  console.log(`${SUBJECTS.length} subjects with one fault each, and the only test that fails:\n${table.join('\n')}`);
});

for (const { fault, suite, place, caughtBy } of SUBJECTS) {
  test(`"${fault}" is caught by "${caughtBy}", and by nothing else`, async () => {
    const outcomes = await runSuite(suite, place);
    const failing = outcomes.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
    rows.push(`${fault}|  ${failing.map(({ title, outcome }) => `${title} (${outcome})`).join(', ')}`);
    expect(failing.map(({ title }) => title.split(' > ').at(-1))).toEqual([caughtBy]);
  });
}
