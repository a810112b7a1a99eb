import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactNumber, isSoonParsed, parseExactly } from '../../src/query/exact-json.ts';

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const integer = digits(24).map((text) => text.replace(/^0+(?=\d)/, ''));

/** Every way to write a number in JSON. */
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    integer,
    fc.option(digits(22)),
    fc.option(fc.stringMatching(/^[eE][+-]?[0-9]{1,2}$/)),
  )
  .map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction ? `.${fraction}` : ''}${exponent ?? ''}`);

test('prints every number as it was written', () => {
  fc.assert(
    fc.property(fc.array(number), (numbers) => {
      const text = `{"all":[${numbers.join(',')}]}`;
      expect(JSON.stringify(parseExactly(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test.each(['0.000001', '0.0000001', '1e21', '100', '1.10', '0.1234567890123', '-0', '-0.5', '1E5', '9007199254740993'])(
  'prints %s as it was written',
  (text) => {
    expect(JSON.stringify(parseExactly(`[${text}]`))).toBe(`[${text}]`);
  },
);

test('numbers that are printed otherwise count as numbers', () => {
  const [one, other] = parseExactly('[1.0,12345678901234567890]') as [ExactNumber, ExactNumber];
  expect(one).toBeInstanceOf(ExactNumber);
  expect(Object.prototype.toString.call(one)).toBe('[object Number]');
  expect(other > one).toBe(true);
});

test('what takes long to be parsed is told by its signs, not by its length', () => {
  const list = (one: string, count: number): string => `[${Array(count).fill(one).join(',')}]`;
  expect(isSoonParsed(list(`"${'x'.repeat(1_000)}"`, 4_000))).toBe(true);
  expect(isSoonParsed(list('{"id":1,"name":"bug"}', 60_000))).toBe(true);
  expect(isSoonParsed(list('{"id":1.0,"name":"bug"}', 30_000))).toBe(false);
  expect(isSoonParsed(list('{"id":1,"name":"v1.0"}', 60_000))).toBe(true);
  expect(isSoonParsed(list('{}', 159_000))).toBe(true);
  expect(isSoonParsed(list('{}', 161_000))).toBe(false);
  expect(isSoonParsed(list('[]', 161_000))).toBe(false);
  expect(isSoonParsed(list('1', 641_000))).toBe(false);
});
