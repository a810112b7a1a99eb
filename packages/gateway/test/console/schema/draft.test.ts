import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draftOf, firstDraft, fits, readDraft } from '../../../console/schema/draft.ts';
import { formField } from '../../../console/schema/form-field.ts';
import { readJson } from '../../../console/schema/read-json.ts';

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    depth: { type: 'integer', default: 2 },
    ratio: { type: 'number' },
    sort: { enum: ['name', 'size', 7] },
    isDeep: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    range: { $ref: '#/$defs/range' },
    free: {},
  },
  required: ['path'],
  $defs: {
    range: { type: 'object', properties: { from: { type: 'integer' }, to: { type: 'integer' } }, required: ['from'] },
  },
};
const field = formField(schema);
const filled = (draft: object) => readDraft(field, { ...(firstDraft(field) as object), ...draft });

describe('the draft of a form', () => {
  test('begins with the defaults, and only they are sent', () => {
    expect(filled({ path: 'a' })).toEqual({ value: { path: 'a', depth: 2 }, problems: [] });
  });

  test('is read as the kinds of the schema', () => {
    const draft = {
      path: 'a',
      depth: '3',
      ratio: '0.5',
      sort: '7',
      isDeep: 'false',
      tags: ['x', 'y'],
      range: { from: '1', to: '' },
      free: '[1]',
    };
    expect(filled(draft)).toEqual({
      value: {
        path: 'a',
        depth: 3,
        ratio: 0.5,
        sort: 7,
        isDeep: false,
        tags: ['x', 'y'],
        range: { from: 1 },
        free: [1],
      },
      problems: [],
    });
  });

  test('says what is missing or no such value, each at its place', () => {
    const { problems } = filled({
      depth: '1.5',
      ratio: 'much',
      tags: ['x', ''],
      range: { from: '', to: '3' },
      free: '{',
    });
    expect(problems).toEqual([
      { place: 'path', message: 'This is required.' },
      { place: 'depth', message: 'This is no whole number.' },
      { place: 'ratio', message: 'This is no number.' },
      { place: 'tags.1', message: 'This is required.' },
      { place: 'range.from', message: 'This is required.' },
      { place: 'free', message: expect.stringMatching(/^This is no JSON: /) },
    ]);
  });

  test('gives back every value that fits it', () => {
    const word = fc.string({ minLength: 1 });
    const values = fc.record(
      {
        path: word,
        depth: fc.integer(),
        ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
        sort: fc.constantFrom('name', 'size', 7),
        isDeep: fc.boolean(),
        tags: fc.array(word, { minLength: 1 }),
        range: fc.record({ from: fc.integer(), to: fc.integer() }, { requiredKeys: ['from'] }),
        free: fc.jsonValue(),
      },
      { requiredKeys: ['path', 'depth'] },
    );
    fc.assert(
      fc.property(values, (value) => {
        expect(fits(field, value)).toBe(true);
        expect(readDraft(field, draftOf(field, value))).toEqual({
          value: JSON.parse(JSON.stringify(value)),
          problems: [],
        });
      }),
    );
  });

  test.each([{ path: 1 }, { path: 'a', other: 1 }, { path: 'a', sort: 'date' }, { path: '' }, []])(
    'has no room for %j',
    (value) => {
      expect(fits(field, value)).toBe(false);
    },
  );
});

test('JSON that is nested too deeply is told as that, and is not read', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  expect(readJson(deep)).toEqual({ problem: 'This is nested too deeply: more than 120 levels.' });
  expect(readJson('['.repeat(200_000))).toEqual({ problem: 'This is nested too deeply: more than 120 levels.' });
  expect(readJson(`["${'['.repeat(500)}", [1]]`)).toEqual({ value: ['['.repeat(500), [1]] });
  expect(readJson('[1')).toEqual({ problem: expect.stringContaining('This is no JSON: ') });
});
