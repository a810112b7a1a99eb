import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { declarationOf } from '../../src/script/declaration.ts';

const declared = (inputSchema: object, more: object = {}): string =>
  declarationOf('t', ObjectText.from({ name: 't', inputSchema, ...more }));

test('a declaration says of each argument its type, whether it is needed, and what it is for', () => {
  const schema = {
    type: 'object',
    properties: {
      state: { enum: ['open', 'closed'], description: 'Which\nones */ x' },
      'a-b': { type: ['string', 'null'] },
      list: { type: 'array', items: { anyOf: [{ type: 'integer' }, { $ref: '#/$defs/item' }] } },
      pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'boolean' }] },
      map: { type: 'object', additionalProperties: { type: 'number' } },
      any: {},
    },
    required: ['state'],
    $defs: { item: { type: 'object', properties: { id: { const: 7 } }, required: ['id'] } },
  };
  expect(declared(schema, { description: 'Does it', outputSchema: { type: 'object' } })).toBe(`/** Does it */
declare function call(tool: "t", args: {
  /** Which ones * / x */
  state: "open" | "closed";
  "a-b"?: string | null;
  list?: (number | {
    id: 7;
  })[];
  pair?: [string, boolean];
  map?: {
    [key: string]: number;
  };
  any?: unknown;
}): Promise<Record<string, unknown>>;`);
});

test('a schema that refers to itself, or to what is not there, ends in unknown', () => {
  const text = declared({ type: 'object', properties: { self: { $ref: '#' }, none: { $ref: '#/$defs/none' } } });
  expect(text).toContain('none?: unknown;');
  expect(text.length).toBeLessThan(10_000);
});

test.each([
  ['refers to itself in many places', { $ref: '#' }],
  ['says the same long thing in many places', { enum: ['x'.repeat(10_000)], description: 'y'.repeat(10_000) }],
  ['is a loop of references', { $ref: '#/properties/k0' }],
])('a schema that %s has a declaration that is not large', (_what, property) => {
  const properties = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, property]));
  expect(declared({ type: 'object', properties }).length).toBeLessThan(100_000);
});
