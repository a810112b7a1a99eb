import fc from 'fast-check';
import { expect, test } from 'vitest';
import { portableName } from '../../src/catalog/portable-name.ts';

const LONG = 'a'.repeat(64);

test.each([
  ['read_file', 'read_file'],
  [LONG, LONG],
  ['Google Sheets__sheets.read', 'Google_Sheets__sheets_read'],
  ['a/b:c', 'a_b_c'],
  [`${LONG}b`, `${'a'.repeat(55)}_3e63da2d`],
  ['größe', 'gr__e_d353a267'],
  ['日本', '___cf2abf0c'],
])('%s becomes %s', (name, portable) => {
  expect(portableName(name, '')).toBe(portable);
});

test('the characters of the separator stay, because somebody has chosen them', () => {
  expect(portableName('a.b c', '.')).toBe('a.b_c');
});

test('every name becomes one that clients take, and such a one stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
      const portable = portableName(name, '');
      expect(portable).toMatch(/^[A-Za-z0-9_-]{0,64}$/);
      expect(portableName(portable, '')).toBe(portable);
    }),
  );
});
