import { expect, test } from 'vitest';
import { shortSchema } from '../../../src/catalog/search/short-schema.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

const withParameters = (count: number, description: string): ObjectText =>
  ObjectText.from({
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, { type: 'string', description }])),
    required: [`p${count - 1}`],
  });

test('a schema of the usual size is the very same', () => {
  const usual = withParameters(100, 'short');
  expect(shortSchema(usual)).toBe(usual);
});

test('a large one names fifty parameters with their types, the required ones first, and says that it is cut', () => {
  const short = shortSchema(withParameters(1_000, 'many words '.repeat(100)));
  expect(short.byteLength).toBeLessThan(3_000);
  expect([...(short.object('properties')?.keys() ?? [])]).toEqual([
    'p999',
    ...Array.from({ length: 49 }, (_, n) => `p${n}`),
  ]);
  expect(short.object('properties')?.value('p999')).toEqual({ type: 'string' });
  expect(short.value('required')).toEqual(['p999']);
  expect(short.text('$comment')).toContain('50 of 1000 parameters');
});

test('names and types as long as a schema do not make it long', () => {
  const long = 'x'.repeat(20_000);
  const properties = { [long]: { type: 'string' }, a: { type: long }, __proto__: null, b: true };
  const short = shortSchema(ObjectText.from({ type: 'object', properties }));
  expect(short.value('properties')).toEqual({ a: {}, b: {} });
});
