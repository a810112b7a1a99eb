import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaProblems } from '../../../src/doctor/offers/schema-problems.ts';

const told = (schema: unknown): readonly string[] =>
  schemaProblems(schema).map(({ place, problem }) => `${place}: ${problem}`);

describe('of a schema', () => {
  test('nothing is said that is in order', () => {
    const schema = {
      type: 'object',
      properties: {
        path: { type: 'string', pattern: '^/', minLength: 1 },
        kind: { enum: ['a', 'b'] },
        tree: { $ref: '#/$defs/tree' },
        either: { anyOf: [{ type: 'string' }, { type: ['number', 'null'] }] },
        named: { $ref: '#there' },
      },
      required: ['path'],
      additionalProperties: false,
      $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } }, other: { $anchor: 'there', type: 'string' } },
    };
    expect(told(schema)).toEqual([]);
    expect(told({ type: 'object', properties: { 'a/b': { $ref: '#/properties/x~1y' }, 'x/y': true } })).toEqual([]);
  });

  test.each([
    [{ type: 'text' }, 'type: is "text", which is none of string, number, integer, boolean, object, array, null'],
    [{ properties: { a: 5 } }, 'properties.a: is no schema: it is neither an object nor true or false'],
    [{ properties: [] }, 'properties: is not an object of schemas'],
    [{ required: 'a' }, 'required: is not a list of texts'],
    [{ items: { pattern: '(' } }, 'items.pattern: is not a regular expression'],
    [{ anyOf: {} }, 'anyOf: is not a list of schemas'],
    [{ properties: { a: { $ref: '#/definitions/a' } } }, 'properties.a.$ref: leads nowhere: "#/definitions/a"'],
    [{ $ref: '#nowhere' }, '$ref: leads nowhere: "#nowhere"'],
    [
      { properties: {}, required: ['a'], additionalProperties: false },
      'required: names "a", which no property is and none may be',
    ],
    [{ properties: { a: { description: 'x' } } }, 'properties.a: has no type'],
    [{ minLength: -1 }, 'minLength: is not a whole number'],
  ])('%j is said to be odd', (schema, problem) => {
    expect(told(schema)).toEqual([problem]);
  });

  test('that goes deeper than anybody needs the rest is passed over', () => {
    let deep: object = { type: 'wrong' };
    for (let depth = 0; depth < 10_000; depth++) deep = { items: deep };
    expect(told(deep)).toEqual([]);
  });

  test('whatever it is, something is answered', () => {
    fc.assert(fc.property(fc.jsonValue(), (schema) => void told(schema)));
  });
});
