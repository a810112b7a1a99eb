import { expect, test } from 'vitest';
import { schemaRows } from '../../src/cli/describe-schema.ts';

const text = { type: 'string' };
const alone = (key: string, value: object) => ({ type: 'object', properties: { [key]: value }, required: [key] });
const record = { type: 'object', properties: { name: text, size: { type: 'integer' }, tags: {} }, required: ['name'] };
const tag = (name: string, val?: object) => ({
  type: 'object',
  properties: { tag: { const: name }, ...(val && { val }) },
});

const cases: readonly [string, object, readonly string[]][] = [
  ['a result', { oneOf: [alone('ok', text), alone('err', text)] }, ['a { ok: string } or { err: string }']],
  ['a result without values', { oneOf: [alone('ok', { type: 'null' })] }, ['a { ok: null }']],
  [
    'a result of a record',
    { oneOf: [alone('ok', record), alone('err', text)] },
    ['a { ok: object } or { err: string }', 'a.ok.name string', 'a.ok.size integer', 'a.ok.tags any'],
  ],
  ['a variant', { oneOf: [tag('none'), tag('some', text)] }, ['a { tag: "none" } or { tag: "some", val: string }']],
  [
    'an option of a record',
    { anyOf: [{ type: 'null' }, record] },
    ['a null or object', 'a.name string', 'a.size integer', 'a.tags any'],
  ],
  [
    'choices of records with members of one name',
    { anyOf: [record, { ...record, properties: { ...record.properties, size: text, last: text } }] },
    ['a object', 'a.name string', 'a.size integer or string', 'a.tags any', 'a.last string'],
  ],
  ['choices that are alike', { anyOf: [text, text] }, ['a string']],
];

test.each(cases)('%s is told by what its choices are', (_what, schema, told) => {
  const rows = schemaRows({ type: 'object', properties: { a: schema } });
  expect(rows.map(({ path, kind }) => `${path} ${kind}`)).toEqual(told);
});
