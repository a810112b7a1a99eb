import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstDraft, readDraft } from '../../../console/schema/draft.ts';
import { formField } from '../../../console/schema/form-field.ts';
import { limitWords, typeWords } from '../../../console/schema/schema-words.ts';

test('any JSON value gives a form that can be shown and read', () => {
  const keys = fc.constantFrom(
    'type',
    'properties',
    'items',
    'enum',
    'anyOf',
    'allOf',
    '$ref',
    'required',
    'default',
    'minimum',
    'x',
  );
  const words = fc.constantFrom('object', 'array', 'string', '#', '#/properties/x', 'null');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      words,
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (schema) => {
      const field = formField(schema);
      readDraft(field, firstDraft(field));
      typeWords(field.schema);
      limitWords(field.schema);
    }),
  );
});

test('types that are no words are read as anything', () => {
  expect(typeWords({ type: [{ toString: 1 }, 'string', 'toString'] })).toBe('anything or text or toString');
});

test('a schema that leads to itself ends as a field for JSON', () => {
  const node = { type: 'object', properties: { next: { $ref: '#' } } };
  expect(JSON.stringify(formField(node))).toContain('"kind":"json"');
});

test.each<[string, unknown]>([
  [
    'in a hundred members',
    { properties: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, { $ref: '#' }])) },
  ],
  ['in a hundred parts', { allOf: Array.from({ length: 100 }, () => ({ $ref: '#' })) }],
])('a schema that leads to itself %s gives a form of some size', (_, schema) => {
  const text = JSON.stringify(formField(schema), (key, value) => (key === 'schema' ? undefined : value));
  expect(text.split('"kind"').length).toBeLessThan(2_000);
});

test('"this or null" is this, and parts of allOf are one object', () => {
  const field = formField({
    allOf: [
      { properties: { a: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }, required: ['a'] },
      { properties: { b: { type: ['string', 'null'] } } },
    ],
  });
  expect(field).toMatchObject({
    kind: 'group',
    members: [
      { name: 'a', isRequired: true, field: { kind: 'number', isWhole: true } },
      { name: 'b', isRequired: false, field: { kind: 'text' } },
    ],
  });
});

test.each([
  [{ type: 'string', minLength: 1, maxLength: 20, pattern: '^a' }, 'text', ['1 to 20 characters', 'matches ^a']],
  [{ type: 'array', items: { type: 'integer' }, maxItems: 3 }, 'list of whole number', ['at most 3 items']],
  [{ type: 'number', exclusiveMinimum: 0, default: 1.5 }, 'number', ['more than 0', 'default 1.5']],
  [{ anyOf: [{ type: 'string' }, { type: 'boolean' }] }, 'text or yes or no', []],
])('%j is put into words', (schema, type, limits) => {
  expect(typeWords(schema)).toBe(type);
  expect(limitWords(schema)).toEqual(limits);
});
