import { expect, test } from 'vitest';
import { moduleExclusionSuite, moduleSuites } from '../src/index.ts';
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
  expect(skipped).toHaveLength(7);
  expect(skipped).toContain(
    'exclusion > an aborted waiter gives its turn to the next (skipped: the subject does not support signal)',
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'passed')).toHaveLength(3);
});

test('where a subject says why it does not support something, that is the reason', async () => {
  const outcomes = await runSuite((t) =>
    moduleExclusionSuite(t, {
      create: async (options) => new ReferencePlugin(options),
      supports: { http: 'it has no network', onStart: false },
    }),
  );
  const skipped = outcomes.filter(({ outcome }) => outcome === 'skipped').map(({ title }) => title);
  expect(skipped).toContainEqual(expect.stringMatching(/ \(skipped: http: it has no network\)$/));
  expect(skipped).toContainEqual(
    expect.stringMatching(/ \(skipped: http: it has no network; the subject does not support onStart\)$/),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'passed').map(({ title }) => title)).toEqual([
    'exclusion > a call whose signal has aborted never enters the guest',
  ]);
});

const WAITS_FOR_ANOTHER_CALL = 'exclusion > lets waiting calls in in the order they came';

test('a test that fails, and then cannot close its subject either, tells what failed first', async () => {
  const outcomes = await runSuite((t) =>
    moduleSuites(t, {
      create: async (options) => {
        const plugin = new ReferencePlugin(options);
        plugin.execute = () => Promise.reject(new Error('the first failure'));
        plugin.close = () => Promise.reject(new Error('the failure in closing'));
        return plugin;
      },
      ...{ rounds: 1, callers: 2, workers: 2, loops: 2, runs: 1 },
    }),
  );
  const failures = new Map(outcomes.map(({ title, error }) => [title, String(error)]));
  expect([...failures.values()].filter((failure) => /suppressed/i.test(failure))).toEqual([]);
  for (const title of ['exchange > any text makes the way in and out unchanged', WAITS_FOR_ANOTHER_CALL]) {
    expect(failures.get(title), title).toBe('Error: the first failure');
  }
  const orders = failures.get('orders > each call has an end it may have, in 1 orders of things');
  expect(orders).toMatch(/^Error: call \d was rejected\n {2}order: /);
});
