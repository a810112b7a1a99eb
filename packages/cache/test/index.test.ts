import { expect, test } from 'vitest';
import * as cache from '../src/index.ts';

test('the public surface is this and no more', () => {
  expect(Object.keys(cache).sort()).toEqual([
    'CacheCloseError',
    'CacheClosedError',
    'CacheReplaceError',
    'CacheSlot',
    'CompileError',
    'clearCache',
    'describeCache',
    'openCache',
    'warmCache',
  ]);
});
