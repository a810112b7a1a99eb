import { expect, test } from 'vitest';
import type { PluginOptions } from '../src/index.ts';
import { mixedCalls } from './mixed-calls.ts';

test.each<[string, PluginOptions]>([
  ['inline', { isolation: 'inline' }],
  ['in a worker', { isolation: 'worker' }],
  ['in a pool of 4', { isolation: 'worker', instances: { min: 4, max: 4 } }],
])('64 callers, 20,000 calls %s: every answer is the caller’s own', async (_where, options) => {
  await using opened = await mixedCalls(options);
  await opened.run(20_000);
  await expect(opened.plugin.stats()).resolves.toMatchObject({ calls: 20_000, errors: 0, queueLength: 0 });
});
