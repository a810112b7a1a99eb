import { expect, test } from 'vitest';
import { REMEDIES } from '../../src/suites/remedies.ts';
import type { SuiteSubjects } from '../../src/suites/suite-subjects.ts';
import { SUITES } from '../../src/suites/suite-table.ts';
import { collectTests } from '../../src/tools/collect-tests.ts';
import { BROKEN_MODULES } from '../broken/modules.ts';
import { BROKEN_CACHES, BROKEN_LOADERS, BROKEN_MONITORS, BROKEN_STATE_STORES } from '../broken/others.ts';

const subject = { create: () => Promise.reject(new Error('only declared')), calls: 12, program: new URL('file:///x') };
const subjects = Object.fromEntries(SUITES.map(({ subject: name }) => [name, subject])) as unknown as SuiteSubjects;
const titles = collectTests((t) => {
  for (const suite of SUITES) suite.declare(t, subjects);
}).map(({ title }) => title);

test.each([...REMEDIES.keys()])('there is a test that begins "%s", for which there is a remedy', (start) => {
  expect(titles.filter((title) => title.startsWith(start))).not.toEqual([]);
});

/** Tests whose own messages tell what to do. */
const TELL_THEMSELVES =
  /^(?:nobody enters|a trap whose caller|an abort |the abort of|no listener stays|an answer is whole when the next|the same call made|healthy asks|settings replace|what it was asked|a call that traps is executed|a module whose guest|the settings that are there again|frees that trap|never lets two calls into one instance|runs as many calls|no call sees|settings are there after the second|settings are there after a rollback|settings that come|a version that was refused|a change after|a second rollback|never gives one|compiles the bytes|a replacement after|what is replaced|an entry under another|a failed write leaves|a write that fails|a write that its sink|a request of the guest is answered|a request that fails does|what a reader was)/;

test('whoever fails is told what to do, by the test or by its remedy', () => {
  const broken = [BROKEN_MODULES, BROKEN_LOADERS, BROKEN_CACHES, BROKEN_MONITORS, BROKEN_STATE_STORES].flat();
  const starts = [...REMEDIES.keys()];
  const untold = broken
    .map(({ caughtBy }) => caughtBy)
    .filter((title) => !TELL_THEMSELVES.test(title) && !starts.some((start) => title.startsWith(start)));
  expect(untold).toEqual([]);
});
