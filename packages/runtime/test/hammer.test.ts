import { expect, test } from 'vitest';
import { createRuntime, type PluginOptions, type RuntimeOptions } from '../src/index.ts';
import { built } from './built-runtime.ts';
import { mixedCalls } from './mixed-calls.ts';

test.each<[string, PluginOptions, { createRuntime: (options?: RuntimeOptions) => ReturnType<typeof createRuntime> }]>([
  ['inline', { isolation: 'inline' }, { createRuntime }],
  ['in a worker', { isolation: 'worker' }, built],
  ['in a pool of 4', { isolation: 'worker', instances: { min: 4, max: 4 } }, built],
])('64 callers, 20,000 calls %s: every answer is the caller’s own', async (_where, options, from) => {
  await using opened = await mixedCalls(options, from);
  await opened.run(20_000);
  await expect(opened.plugin.stats()).resolves.toMatchObject({ calls: 20_000, errors: 0, queueLength: 0 });
});
