import { expect, test, vi } from 'vitest';
import { BROKEN_MODULES } from './modules.ts';
import { runSuite } from './run-suite.ts';

// The suites' watchdogs would sound long after a subject has been seen to hang, and count as timers left behind.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

const lines: string[] = [];

for (const { fault, suite, caughtBy } of [...BROKEN_MODULES]) {
  test(`"${fault}" is caught by "${caughtBy}", and by nothing else`, async () => {
    const outcomes = await runSuite(suite);
    const notPassed = outcomes.filter(({ outcome }) => outcome !== 'passed');
    lines.push(`${fault} | ${notPassed.map(({ title, outcome }) => `${title} (${outcome})`).join('; ')}`);
    for (const { title, error } of notPassed) if (!title.endsWith(caughtBy)) console.log(fault, title, error);
    expect(notPassed.map(({ title }) => title.split(' > ').at(-1))).toEqual([caughtBy]);
  });
}
