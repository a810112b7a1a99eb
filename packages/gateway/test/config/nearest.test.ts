import { distance } from 'fastest-levenshtein';
import { expect, test, vi } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

vi.mock(import('fastest-levenshtein'), { spy: true });

test('the nearest word is found, and none where all are far', () => {
  expect(nearest('serch', ['search', 'execute'])).toBe('search');
  expect(nearest('x', ['search', 'execute'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});

test('a huge word is compared with nothing', () => {
  const huge = 'x'.repeat(200_000);
  vi.mocked(distance).mockClear();
  expect(nearest(huge, [`${huge}y`])).toBeUndefined();
  expect(distance).not.toHaveBeenCalled();
});
