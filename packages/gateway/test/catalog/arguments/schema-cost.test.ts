import { expect, test } from 'vitest';
import { schemaCost } from '../../../src/catalog/arguments/schema-cost.ts';

const NEVER = Number.POSITIVE_INFINITY;

test.each<[string, object, number]>([
  ['names and kinds', { type: 'object', properties: { pattern: { type: 'string' } }, required: ['pattern'] }, 7],
  ['a pattern', { properties: { a: { pattern: 'x' } } }, NEVER],
  ['names by patterns', { patternProperties: { x: {} } }, NEVER],
  ['unique items', { uniqueItems: true }, NEVER],
  ['references in a circle', { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, NEVER],
  ['a reference to itself', { $ref: '#' }, NEVER],
  ['a reference to elsewhere', { $ref: 'https://example.com/x' }, NEVER],
  ['a reference to nothing', { $ref: '#/$defs/none' }, NEVER],
  ['very many words', { enum: Array.from({ length: 20_000 }, String) }, NEVER],
])('the cost of a schema of %s', (_what, schema, cost) => {
  expect(schemaCost(schema)).toBe(cost);
});

test('what is referred to twice costs twice', () => {
  const $defs = { id: { type: 'integer' } };
  const once = schemaCost({ $defs, properties: { a: { $ref: '#/$defs/id' } } });
  const twice = schemaCost({ $defs, properties: { a: { $ref: '#/$defs/id' }, b: { $ref: '#/$defs/id' } } });
  expect(twice - once).toBe(schemaCost($defs.id) + 2);
});
