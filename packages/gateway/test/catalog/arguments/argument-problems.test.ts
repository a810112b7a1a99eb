import { describe, expect, test } from 'vitest';
import { argumentProblems, parametersLine } from '../../../src/catalog/arguments/argument-problems.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

type Json = Record<string, unknown>;

const tool = (inputSchema: Json): ObjectText => ObjectText.from({ name: 't', inputSchema });
const problems = (inputSchema: Json, args: Json): readonly string[] =>
  argumentProblems(tool(inputSchema), ObjectText.from(args));

const ISSUE = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    state: { enum: ['open', 'closed'] },
    labels: { type: 'array', items: { type: 'string' } },
    page: { type: 'integer', minimum: 1 },
  },
  required: ['title'],
};
const PATH = { properties: { filePath: { type: 'string' } } };
const CLOSED = { ...ISSUE, additionalProperties: false };

test.each<[string, Json, Json, readonly string[]]>([
  ['nothing wrong', ISSUE, { title: 'x', state: 'open', labels: ['a'], page: 2 }, []],
  ['one missing', ISSUE, {}, ['"title" is missing']],
  ['another kind', ISSUE, { title: 'x', page: '2' }, ['"page": is of type string, expected integer']],
  ['none of the words', ISSUE, { title: 'x', state: 'done' }, ['"state": expected one of ["open","closed"]']],
  ['deep inside', ISSUE, { title: 'x', labels: ['a', 7] }, ['"labels/1": is of type number, expected string']],
  ['out of range', ISSUE, { title: 'x', page: 0 }, ['"page": expected at least 1']],
  [
    'a name nearly right',
    ISSUE,
    { titel: 'x' },
    ['unknown argument "titel", did you mean "title"?', '"title" is missing'],
  ],
  ['a name cut short', ISSUE, { title: 'x', lab: [] }, ['unknown argument "lab", did you mean "labels"?']],
  ['a name spelt in another way', PATH, { file_path: 'x' }, ['unknown argument "file_path", did you mean "filePath"?']],
  ['a name of few letters that nobody forbids', { properties: { a: {}, url: {} } }, { b: 1, ref: 2 }, []],
  ['a name that nobody forbids', ISSUE, { title: 'x', colour: 'red' }, []],
  ['a name that is forbidden', CLOSED, { title: 'x', colour: 'red' }, ['unknown argument "colour"']],
])('%s', (_what, schema, args, expected) => {
  expect(problems(schema, args)).toEqual(expected);
});

const inA = (a: Json | boolean): Json => ({ properties: { a } });
const DRAFT_7 = { $schema: 'http://json-schema.org/draft-07/schema#' };

test.each<[string, Json, Json, readonly string[]]>([
  [
    'more items than there may be',
    inA({ prefixItems: [{}], items: false }),
    { a: [1, 2] },
    ['"a/1" is not allowed here'],
  ],
  [
    'more items than draft-07 allows',
    { ...DRAFT_7, ...inA({ items: [{}], additionalItems: false }) },
    { a: [1, 2] },
    ['"a/1" is not allowed here'],
  ],
  [
    'more items than were looked at',
    inA({ prefixItems: [{}], unevaluatedItems: false }),
    { a: [1, 2] },
    ['"a/1" is not allowed here'],
  ],
  ['an argument that is forbidden', inA(false), { a: 1 }, ['"a" is not allowed here']],
  ['one by reference', { ...inA({ $ref: '#/$defs/no' }), $defs: { no: false } }, { a: 1 }, ['"a" is not allowed here']],
  ['a whole that is forbidden', { allOf: [false] }, { a: 1 }, ['this is not allowed here']],
  [
    'a property that is forbidden',
    inA({ additionalProperties: false }),
    { a: { b: 1 } },
    ['"a": unknown property "b"'],
  ],
  [
    'one more of the wrong kind',
    { additionalProperties: { type: 'integer' } },
    { b: 'x' },
    ['"b": is of type string, expected integer'],
  ],
  [
    'an error inside what is closed',
    { ...inA({ items: { type: 'string' } }), unevaluatedProperties: false },
    { a: [1] },
    ['"a/0": is of type number, expected string'],
  ],
  ['one that another needs', { ...DRAFT_7, dependencies: { a: ['b'] } }, { a: 1 }, ['"b" is missing, which "a" needs']],
  [
    'one of the forms is false',
    inA({ anyOf: [false, { const: 2 }] }),
    { a: 1 },
    ['"a": fits none of the forms it may have', '"a": does not match 2'],
  ],
  ['two kinds', inA({ type: ['string', 'null'] }), { a: 1 }, ['"a": is of type number, expected string or null']],
  ['too short a text', inA({ minLength: 3 }), { a: 'x' }, ['"a": expected a length of at least 3']],
  ['too long a list', inA({ maxItems: 1 }), { a: [1, 2] }, ['"a": expected a length of at most 1']],
  ['too few properties', { minProperties: 2 }, { a: 1 }, ['expected at least 2 properties']],
  ['a bound with a point', inA({ minimum: -0.5 }), { a: -3 }, ['"a": expected at least -0.5']],
])('tells %s', (_what, schema, args, expected) => {
  expect(problems(schema, args)).toEqual(expected);
});

test.each<[string, Json | boolean]>([
  ['a type that JSON Schema does not know', { type: 'any' }],
  ['such a type among others', { type: ['string', 'float'] }],
  ['such a type in one of the forms', { anyOf: [{ type: 'float' }, { type: 'string' }] }],
  ['a bound as draft-04 has it', { minimum: 0, exclusiveMinimum: true }],
  ['a bound that draft-04 takes back', { maximum: 1, exclusiveMaximum: false }],
])('%s is left to the server', (_what, a) => {
  expect(problems(inA(a), { a: 1 })).toEqual([]);
});

test('of many arguments that nobody knows, the first hundred are compared with what is missing', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`unknown argument ${index}`, 1]));
  expect(problems(ISSUE, { title: 'x', ...many, lab: [] })).toEqual([]);
  expect(problems(ISSUE, { title: 'x', lab: [], ...many })).toHaveLength(1);
});

test('a value that was given is never told', () => {
  const secret = 'SECRET-VALUE';
  const schema = {
    properties: {
      a: { type: 'number' },
      b: { enum: ['x'] },
      c: { pattern: '^x$' },
      d: { maxLength: 3 },
      e: { const: 1 },
      f: { anyOf: [{ type: 'null' }, { minLength: 99 }] },
      g: { not: { type: 'string' } },
    },
  };
  expect(problems({ properties: { n: { multipleOf: 5 } } }, { n: 4321 }).join()).not.toContain('4321');
  for (const key of Object.keys(schema.properties)) {
    const told = problems(schema, { [key]: secret });
    expect(told.length, key).toBeGreaterThan(0);
    expect(told.join(), key).not.toContain(secret);
  }
});

describe('a schema of', () => {
  test('draft-07 means what draft-07 says, and one that says nothing is of 2020-12', () => {
    // What stands beside a reference counts since 2019-09.
    const short = { $ref: '#/$defs/text', maxLength: 1 };
    const schema = { $defs: { text: { type: 'string' } }, properties: { a: short } };
    const draft7 = { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' };
    expect(problems(draft7, { a: 'long' })).toEqual([]);
    expect(problems(schema, { a: 'long' })).toHaveLength(1);
    expect(problems(draft7, { a: 1 })).toHaveLength(1);
  });

  test('references is followed', () => {
    const schema = { $defs: { id: { type: 'integer' } }, properties: { id: { $ref: '#/$defs/id' } } };
    expect(problems(schema, { id: 'x' })).toEqual(['"id": is of type string, expected integer']);
  });

  test('formats leaves those to its server', () => {
    expect(problems({ properties: { at: { type: 'string', format: 'date-time' } } }, { at: 'today' })).toEqual([]);
    const either = { properties: { at: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] } } };
    expect(problems(either, { at: 'today' })).toEqual([]);
  });

  test('two forms refuses what has both', () => {
    const schema = { oneOf: [{ required: ['a'] }, { required: ['b'] }] };
    expect(problems(schema, { a: 1, b: 1 })).toHaveLength(1);
    expect(problems(schema, { a: 1 })).toEqual([]);
  });
});

/** Each level names the next twice: 2^40 checks. */
const doubling = {
  $defs: Object.fromEntries(
    Array.from({ length: 41 }, (_, level) => [
      `l${level}`,
      level === 40 ? {} : { allOf: [{ $ref: `#/$defs/l${level + 1}` }, { $ref: `#/$defs/l${level + 1}` }] },
    ]),
  ),
  $ref: '#/$defs/l0',
};

test.each<[string, Json, Json]>([
  ['a pattern that backtracks', { properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(60)}!` }],
  ['names by such a pattern', { patternProperties: { '^(a+)+$': {} } }, { [`${'a'.repeat(60)}!`]: 1 }],
  ['references in a circle', { $ref: '#' }, { a: 1 }],
  ['references that double', doubling, { a: 1 }],
  ['a reference to another host', { $ref: 'https://example.com/schema.json' }, { a: 1 }],
  ['a pattern that is none', { properties: { a: { pattern: '(' } } }, { a: 'x' }],
  ['something that is no schema', { properties: { a: 'x' }, allOf: 7 }, { a: 1 }],
  ['a huge list of words', { properties: { a: { enum: Array.from({ length: 50_000 }, String) } } }, { a: 'x' }],
])('%s ends in time, and leaves the arguments to the server', (_what, schema, args) => {
  const hostile = tool(schema);
  for (let again = 0; again < 3; again++) expect(argumentProblems(hostile, ObjectText.from(args))).toEqual([]);
});

test('the parameters are listed with their kinds, those that are needed first', () => {
  expect(parametersLine(tool(CLOSED))).toBe(
    'Its arguments: title (string, required), state ("open"|"closed"), labels (array), page (integer).',
  );
  expect(parametersLine(tool({ type: 'object' }))).toBe('It takes no arguments.');
});

test('names as long as their writer likes are told in part, the given ones and those of the schema', () => {
  const long = 'x'.repeat(200_000);
  const given = problems({ ...CLOSED, required: [] }, { [long]: 1 }).join();
  expect(given).toContain('unknown argument "xxx');
  expect(given.length).toBeLessThan(600);
  expect(problems({ type: 'object', required: [long] }, {}).join().length).toBeLessThan(600);
  expect(parametersLine(tool({ properties: { [long]: { type: 'string' } } })).length).toBeLessThan(3_000);
});
