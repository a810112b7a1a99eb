import { expect, test } from 'vitest';
import { type CreateModuleOptions, runSuites } from '../../src/index.ts';
import { ReferenceCache } from '../reference/reference-cache.ts';
import { ReferencePlugin } from '../reference/reference-plugin.ts';

const FEW = { rounds: 1, callers: 2, workers: 2, loops: 2, runs: 2, leakyCalls: 10 } as const;

test('one table tells what passed, what failed and what to do about it, and what does not apply and why', async () => {
  const report = await runSuites({
    module: {
      ...FEW,
      create: async (given) => new ReferencePlugin(given, 'listener left by a call'),
      supports: { pool: false },
    },
    cache: { create: async (given) => new ReferenceCache(given), supports: { names: false } },
  });
  expect(report.failed).toBe(1);
  expect(report.rows.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    {
      title: 'abort > no listener stays on a signal when its calls have ended',
      sentence: expect.stringContaining('Remove what you add, in the wait and in the call'),
    },
  ]);
  const table = `${report}`.split('\n');
  expect(table).toContainEqual(expect.stringMatching(/^✔ cache > gives a module that works$/));
  expect(table).toContainEqual(
    expect.stringMatching(/^﹣ pool > a slow call does not hold up the next +the subject does not support pool$/),
  );
  expect(`${report}`).toMatch(/^✖ abort > no listener stays .*\n {4}listeners left on the signal of/m);
  const passed = report.rows.filter(({ outcome }) => outcome === 'passed').length;
  expect(table.at(-1)).toBe(`${passed} passed, 1 failed, 8 not applicable`);
});

test('a failure whose message tells only what was seen has below it what to do', async () => {
  const create = async (given: CreateModuleOptions) => new ReferencePlugin(given, 'trapped instance goes on');
  const { rows } = await runSuites({ module: { ...FEW, create } });
  expect(rows.find(({ title }) => title === 'traps > the next call runs on a fresh instance')).toMatchObject({
    outcome: 'failed',
    sentence: expect.stringMatching(
      /^calls counted by an instance that should be new[\s\S]*\n→ Throw an instance away that/,
    ),
  });
});

test('a subject that cannot be created is told of as that, without advice on what was never asked', async () => {
  const create = () => Promise.reject(new Error('my guest is missing'));
  const { rows } = await runSuites({ module: { ...FEW, create }, cache: { create } });
  const sentences = rows.filter(({ outcome }) => outcome === 'failed').map(({ sentence }) => sentence);
  expect([...new Set(sentences)]).toEqual(['"create" failed: my guest is missing']);
});
