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

test('a test that fails, and then cannot close its subject either, tells what failed first', async () => {
  const outcomes = await runSuite((t) =>
    moduleExclusionSuite(t, {
      create: async (options) => {
        const plugin = new ReferencePlugin(options);
        plugin.execute = () => Promise.reject(new Error('the first failure'));
        plugin.close = () => Promise.reject(new Error('the failure in closing'));
        return plugin;
      },
    }),
  );
  const failures = outcomes.filter(({ outcome }) => outcome === 'failed').map(({ error }) => String(error));
  expect(failures).toContain('Error: the first failure');
  expect(failures.filter((failure) => failure.includes('Suppressed') || failure.includes('in closing'))).toEqual([]);
});
