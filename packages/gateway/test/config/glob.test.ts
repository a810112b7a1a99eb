import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/config/glob.ts';
import { fitsExpression } from './fits-expression.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '\n'), maxLength: 12 });
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 8 });

test('a pattern means what the regular expression with any characters in place of each * means', () => {
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => matchesGlob(pattern, text) === fitsExpression(pattern, text)),
    { numRuns: 20_000 },
  );
  expect(matchesGlob('a*', 'ab')).toBe(true);
});

test('a name made against a pattern of many stars is answered at once', () => {
  expect(matchesGlob('*a'.repeat(200), `${'a'.repeat(100_000)}b`)).toBe(false);
});
