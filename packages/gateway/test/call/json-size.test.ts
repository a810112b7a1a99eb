import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonSize } from '../../src/call/json-size.ts';

test('the size of a value as JSON is right within its punctuation, where nothing needs escaping', () => {
  const plain = fc.stringMatching(/^[a-zäöü€ ]*$/);
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      plain,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value')),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      const real = Buffer.byteLength(JSON.stringify(given));
      expect(jsonSize(given)).toBeGreaterThanOrEqual(real);
      expect(jsonSize(given)).toBeLessThanOrEqual(2 * real + 2);
    }),
  );
});
