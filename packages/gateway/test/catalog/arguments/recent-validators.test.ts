import { Validator } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { RecentValidators } from '../../../src/catalog/arguments/recent-validators.ts';

const MIB = 1024 * 1024;

test('validators are kept for 4 MiB of schemas, and those go first that were not used for longest', () => {
  const made: string[] = [];
  const recent = new RecentValidators<string>();
  const use = (name: string, byteLength = MIB): Validator =>
    recent.use(name, byteLength, () => {
      made.push(name);
      return new Validator({});
    });
  for (const name of ['a', 'b', 'c', 'd']) use(name);
  expect(use('a')).toBe(use('a'));
  use('e');
  expect([made.join(''), recent.byteLength]).toEqual(['abcde', 4 * MIB]);
  use('a');
  use('b');
  expect(made.join('')).toBe('abcdeb');
  use('large', 9 * MIB);
  expect(recent.byteLength).toBe(0);
});
