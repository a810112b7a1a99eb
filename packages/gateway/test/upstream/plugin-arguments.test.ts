import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { pluginArguments } from '../../src/upstream/plugin-arguments.ts';

const written = (args: string): string =>
  JSON.stringify(pluginArguments(ObjectText.read(Buffer.from(`{"name":"t","arguments":${args}}`))));

test.each([
  '{"x":1e400}',
  '{"x":[-1e400,1E+999]}',
  '{"id":1234567890123456789}',
  '{"deep":{"id":18446744073709551615,"s":"1e5 and \\u00e9"}}',
  '{"x":1.0000000000000001}',
  '{"x":-0}',
  '{"x":[1,-0.0]}',
])('each number is written for a guest as it was sent: %s', (args) => {
  expect(written(args)).toBe(args.replace('\\u00e9', 'é'));
});

test('whatever is sent means the same to who reads it from there', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
      expect(JSON.parse(written(JSON.stringify(args)))).toEqual(JSON.parse(JSON.stringify(args)));
    }),
  );
});

test.each(['[]', '"x"', 'null', '1e400'])('arguments that are no object are none: %s', (args) => {
  expect(written(args)).toBe('{}');
});

test('a call without arguments has none', () => {
  expect(pluginArguments(undefined)).toEqual({});
  expect(pluginArguments(ObjectText.EMPTY)).toEqual({});
});
