import { expect, test } from 'vitest';
import { moduleExclusionSuite } from '../src/index.ts';
import { runSuite } from './broken/run-suite.ts';
import { ReferencePlugin } from './reference/reference-plugin.ts';

test('what a subject does not support is shown as skipped, with the reason in its title', async () => {
  const outcomes = await runSuite((t) =>
    moduleExclusionSuite(t, {
      create: async (options) => new ReferencePlugin(options),
      supports: { signal: false, onStart: false },
    }),
  );
  const skipped = outcomes.filter(({ outcome }) => outcome === 'skipped').map(({ title }) => title);
  expect(skipped).toHaveLength(6);
  expect(skipped).toContain(
    'exclusion > an aborted waiter gives its turn to the next (skipped: the subject does not support signal)',
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'passed')).toHaveLength(3);
});
