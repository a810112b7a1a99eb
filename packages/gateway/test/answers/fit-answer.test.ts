import { describe, expect, test } from 'vitest';
import { AnswerForm } from '../../src/answers/answer-form.ts';
import { fitAnswer } from '../../src/answers/fit-answer.ts';
import type { AnswerRule } from '../../src/config/answers-section.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

const NUMBERS: AnswerRule = { fields: ['/items/n'] };
const DATA = '{"total": 2, "items": [{"n": 1.0, "t": "a"}, {"n": 12345678901234567890, "t": "b"}]}';
const SCHEMA = ObjectText.from({ type: 'object', properties: { items: { type: 'array' } }, required: ['items'] });

const text = (...texts: string[]): object[] => texts.map((one) => ({ type: 'text', text: one }));

/** What is given of an answer in the form of a rule. */
function fitted(result: object | ObjectText, rule: AnswerRule, schema?: ObjectText): ObjectText {
  const whole = result instanceof ObjectText ? result : ObjectText.from(result as Record<string, unknown>);
  return fitAnswer(whole, AnswerForm.ofRule(rule), schema);
}

const textsOf = (result: ObjectText): (string | undefined)[] =>
  (result.list('content') ?? []).map((block) => block.text('text'));

describe('a text that is JSON', () => {
  test('is given without what is not wanted, with the digits that came', () => {
    const given = fitted({ content: text(DATA) }, NUMBERS);
    expect(textsOf(given)).toEqual(['{"items":[{"n":1.0},{"n":12345678901234567890}]}']);
    expect(given.object('_meta')?.value('dev.lockgate/answer')).toEqual({ bytes: DATA.length, given: 48 });
  });

  test('in several blocks is one list', () => {
    const parts = fitted({ content: text('{"n":1,"t":"a"}', '{"n":2,"t":"b"}') }, { fields: ['/n'] });
    expect(textsOf(parts)).toEqual(['[{"n":1},{"n":2}]']);
  });

  test('is a table where it has ten or more like objects, and where that is shorter', () => {
    const rows = (count: number): string =>
      JSON.stringify(Array.from({ length: count }, (_, n) => ({ n, text: `t${n}` })));
    expect(textsOf(fitted({ content: text(rows(10)) }, { columns: true }))[0]).toMatch(/^\{"columns":\["n","text"\]/);
    const few = ObjectText.from({ content: text(rows(9)) });
    expect(fitted(few, { columns: true })).toBe(few);
  });

  test('may be asked by JMESPath', () => {
    expect(textsOf(fitted({ content: text(DATA) }, { query: 'items[1].n' }))).toEqual(['12345678901234567890']);
  });
});

describe('what stays as it is, to the byte', () => {
  test.each([
    ['a text that is no JSON', { content: text('plain') }],
    ['an error', { content: text(DATA), isError: true }],
    ['a task', { content: text(DATA), task: { taskId: 't' } }],
    ['a question of the server', { content: text(DATA), resultType: 'input_required' }],
    ['an answer without content', { structured: 1 }],
    ['text after which something follows', { content: text(`${DATA} and more`) }],
  ])('%s', (_what, result) => {
    const whole = ObjectText.from(result);
    expect(fitted(whole, NUMBERS)).toBe(whole);
  });

  test('an answer of which a plugin named no field that is there', () => {
    const whole = ObjectText.from({ content: text(DATA) });
    expect(fitAnswer(whole, AnswerForm.ofPaths({ fields: [['message']] }), undefined)).toBe(whole);
  });
});

describe('an answer that has no such part is given whole and says so', () => {
  test.each<[AnswerRule, RegExp]>([
    [{ fields: ['/items/number'] }, /none of the fields is in it/],
    [{ query: 'sum(items)' }, /the query does not fit the data/],
  ])('for %j', (rule, why) => {
    const [whole, note] = textsOf(fitted({ content: text(DATA) }, rule));
    expect(whole).toBe(DATA);
    expect(note).toMatch(why);
  });

  test('and so is one that is nested too deeply', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const [whole, note] = textsOf(fitted({ content: text(deep) }, { omit: ['/a'] }));
    expect([whole?.length, note]).toEqual([deep.length, '[All of the answer: it is nested too deeply.]']);
  });
});

describe('structured content', () => {
  const answer = { content: text(DATA), structuredContent: JSON.parse(DATA) as object };

  test('stays where what is left fits the schema of the tool', () => {
    const given = fitted(answer, { fields: ['/items/t'] }, SCHEMA);
    expect(given.value('structuredContent')).toEqual({ items: [{ t: 'a' }, { t: 'b' }] });
    expect(textsOf(given)).toEqual(['{"items":[{"t":"a"},{"t":"b"}]}']);
  });

  test.each<[string, AnswerRule, ObjectText | undefined]>([
    ['it does not', { fields: ['/total'] }, SCHEMA],
    ['nothing was promised', { fields: ['/items/t'] }, undefined],
    ['nobody can tell', { fields: ['/items/t'] }, ObjectText.from({ $ref: '#/nowhere' })],
    ['it is a list', { query: 'items[*].t' }, SCHEMA],
  ])('is left out where %s, and that is said', (_where, rule, schema) => {
    const given = fitted(answer, rule, schema);
    expect(given.has('structuredContent')).toBe(false);
    expect(given.object('_meta')?.value('dev.lockgate/answer')).toMatchObject({
      structuredContent: expect.stringContaining('left out'),
    });
  });

  test('that only repeats the text is what the text says', () => {
    const given = fitted({ content: text(DATA), structuredContent: { content: DATA } }, { fields: ['/total'] });
    expect(textsOf(given)).toEqual(['{"total":2}']);
  });
});

test('blocks that are no texts stay, behind what is given, and so does what surrounds it', () => {
  const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };
  const given = fitted({ content: [image, ...text(DATA)], _meta: { other: 1 }, more: 2 }, { fields: ['/total'] });
  expect(given.list('content')?.map((block) => block.toValue())).toEqual([...text('{"total":2}'), image]);
  expect(given.value('more')).toBe(2);
  expect(given.object('_meta')?.value('other')).toBe(1);
});
