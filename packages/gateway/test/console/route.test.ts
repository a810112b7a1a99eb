import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkTo, PAGES, parseRoute } from '../../console/route.ts';

test('a link leads back to the page, the thing and the filters it was made of', () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
  const filters = fc.dictionary(word, word);
  fc.assert(
    fc.property(fc.constantFrom(...PAGES), word, filters, (page, detail, given) => {
      expect(parseRoute(linkTo(page, detail, given))).toEqual({ page, detail, filters: { ...given } });
    }),
  );
});

test.each(['', '#', '#/', '#/nothing', '#sign-in=secret', '#main'])(
  'the fragment "%s" leads to the overview and keeps nothing',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'overview', filters: {} });
  },
);

test('a stray percent sign stays in the name', () => {
  expect(parseRoute('#/tools/100%').detail).toBe('100%');
});
