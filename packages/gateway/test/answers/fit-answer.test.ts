import { describe, expect, test } from 'vitest';
import { AnswerForm } from '../../src/answers/answer-form.ts';
import { type Cut, fitAnswer } from '../../src/answers/fit-answer.ts';
import type { AnswerRule } from '../../src/config/answers-section.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

const NUMBERS: AnswerRule = { fields: ['/items/n'] };
const DATA = '{"total": 2, "items": [{"n": 1.0, "t": "a"}, {"n": 12345678901234567890, "t": "b"}]}';
const SCHEMA = ObjectText.from({ type: 'object', properties: { items: { type: 'array' } }, required: ['items'] });

const text = (...texts: string[]): object[] => texts.map((one) => ({ type: 'text', text: one }));

const block = (text: string): ObjectText => ObjectText.from({ type: 'text', text });
const cut: Cut = async ({ text }) => [block(`${text.length} bytes`)];

/** What is given of an answer in the form of a rule. */
function fitted(result: object | ObjectText, rule: AnswerRule, schema?: ObjectText): Promise<ObjectText> {
  const whole = result instanceof ObjectText ? result : ObjectText.from(result as Record<string, unknown>);
  return fitAnswer(whole, AnswerForm.ofRule(rule, 0), schema, cut);
}

const textsOf = (result: ObjectText): (string | undefined)[] =>
  (result.list('content') ?? []).map((block) => block.text('text'));

describe('a text that is JSON', () => {
  test('is given without what is not wanted, with the digits that came', async () => {
    const given = await fitted({ content: text(DATA) }, NUMBERS);
    expect(textsOf(given)).toEqual(['{"items":[{"n":1.0},{"n":12345678901234567890}]}']);
    expect(given.object('_meta')?.value('dev.lockgate/answer')).toEqual({ bytes: DATA.length, given: 48 });
  });

  test('in several blocks is one list', async () => {
    const parts = await fitted({ content: text('{"n":1,"t":"a"}', '{"n":2,"t":"b"}') }, { fields: ['/n'] });
    expect(textsOf(parts)).toEqual(['[{"n":1},{"n":2}]']);
  });

  test('is a table where it has ten or more like objects, and where that is shorter', async () => {
    const rows = (count: number): string =>
      JSON.stringify(Array.from({ length: count }, (_, n) => ({ n, text: `t${n}` })));
    expect(textsOf(await fitted({ content: text(rows(10)) }, { columns: true }))[0]).toMatch(
      /^\{"columns":\["n","text"\]/,
    );
    const few = ObjectText.from({ content: text(rows(9)) });
    expect(await fitted(few, { columns: true })).toBe(few);
  });

  test('may be asked by JMESPath', async () => {
    expect(textsOf(await fitted({ content: text(DATA) }, { query: 'items[1].n' }))).toEqual(['12345678901234567890']);
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
  ])('%s', async (_what, result) => {
    const whole = ObjectText.from(result);
    expect(await fitted(whole, NUMBERS)).toBe(whole);
  });

  test('an answer of which a plugin named no field that is there', async () => {
    const whole = ObjectText.from({ content: text(DATA) });
    const form = AnswerForm.ofPaths({ fields: [['message']] }, 0);
    expect(await fitAnswer(whole, form, undefined, cut)).toBe(whole);
  });
});

test('others have a turn between the steps of a long answer', async () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => ({ number: n, title: `Title of ${n}`, body: 'x'.repeat(300) }));
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const given = await fitted({ content: text(JSON.stringify(rows)) }, { fields: ['/number'] });
  isOver = true;
  expect(textsOf(given)[0]).toMatch(/^\[\{"number":0\},/);
  expect(turns).toBeGreaterThanOrEqual(3);
});

describe('an answer that has no such part is given whole and says so', () => {
  test.each<[AnswerRule, RegExp]>([
    [{ fields: ['/items/number'] }, /none of the fields is in it/],
    [{ query: 'sum(items)' }, /the query does not fit the data/],
    [{ query: 'merge(@, `{"__proto__": {}}`)' }, /would make a member __proto__/],
  ])('for %j', async (rule, why) => {
    const [whole, note] = textsOf(await fitted({ content: text(DATA) }, rule));
    expect(whole).toBe(DATA);
    expect(note).toMatch(why);
  });

  test('and so is one that is too long to be parsed', async () => {
    const long = JSON.stringify([{ a: 'x'.repeat(4 * 1024 * 1024) }]);
    const [whole, note] = textsOf(await fitted({ content: text(long) }, { omit: ['/a'] }));
    expect([whole?.length, note]).toEqual([long.length, '[All of the answer: it is longer than 4 MiB.]']);
  });

  test.each([
    ['empty objects', '{}'],
    ['numbers', '1.5'],
    ['numbers of many digits', '12345678901234567890'],
  ])('and so is one of very many %s', async (_what, one) => {
    const long = `[${Array(one.length > 9 ? 100_000 : 350_000)
      .fill(one)
      .join(',')}]`;
    const [whole, note] = textsOf(await fitted({ content: text(long) }, { omit: ['/a'] }));
    expect([whole?.length, note]).toEqual([long.length, '[All of the answer: it has too many values.]']);
  });

  test('and so is one that is nested too deeply', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const [whole, note] = textsOf(await fitted({ content: text(deep) }, { omit: ['/a'] }));
    expect([whole?.length, note]).toEqual([deep.length, '[All of the answer: it is nested too deeply.]']);
  });
});

describe('structured content', () => {
  const answer = { content: text(DATA), structuredContent: JSON.parse(DATA) as object };

  test('stays where what is left fits the schema of the tool', async () => {
    const given = await fitted(answer, { fields: ['/items/t'] }, SCHEMA);
    expect(given.value('structuredContent')).toEqual({ items: [{ t: 'a' }, { t: 'b' }] });
    expect(textsOf(given)).toEqual(['{"items":[{"t":"a"},{"t":"b"}]}']);
  });

  test.each<[string, AnswerRule, ObjectText | undefined]>([
    ['it does not', { fields: ['/total'] }, SCHEMA],
    ['nothing was promised', { fields: ['/items/t'] }, undefined],
    ['nobody can tell', { fields: ['/items/t'] }, ObjectText.from({ $ref: '#/nowhere' })],
    ['it is a list', { query: 'items[*].t' }, SCHEMA],
  ])('is left out where %s, and that is said', async (_where, rule, schema) => {
    const given = await fitted(answer, rule, schema);
    expect(given.has('structuredContent')).toBe(false);
    expect(given.object('_meta')?.value('dev.lockgate/answer')).toMatchObject({
      structuredContent: expect.stringContaining('left out'),
    });
  });

  test('that only repeats the text is what the text says', async () => {
    const given = await fitted({ content: text(DATA), structuredContent: { content: DATA } }, { fields: ['/total'] });
    expect(textsOf(given)).toEqual(['{"total":2}']);
  });
});

test('blocks that are no texts stay, behind what is given, and so does what surrounds it', async () => {
  const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };
  const given = await fitted({ content: [image, ...text(DATA)], _meta: { other: 1 }, more: 2 }, { fields: ['/total'] });
  expect(given.list('content')?.map((block) => block.toValue())).toEqual([...text('{"total":2}'), image]);
  expect(given.value('more')).toBe(2);
  expect(given.object('_meta')?.value('other')).toBe(1);
});

describe('what is longer than its limit', () => {
  const limited = (result: object, rule: AnswerRule): Promise<ObjectText> =>
    fitted(result, { maxResultBytes: 60, ...rule });

  test('is cut: the very text, or what is left of it where that is longer as well', async () => {
    expect(textsOf(await limited({ content: text('x'.repeat(61)) }, {}))).toEqual(['61 bytes']);
    expect(textsOf(await limited({ content: text(DATA) }, {}))).toEqual([`${DATA.length} bytes`]);
    expect(textsOf(await limited({ content: text(DATA) }, { omit: ['/total'] }))).toEqual(['64 bytes']);
    expect(textsOf(await limited({ content: text(DATA) }, NUMBERS))).toEqual([
      '{"items":[{"n":1.0},{"n":12345678901234567890}]}',
    ]);
  });

  test('is cut also where it is an error', async () => {
    const failed = await limited({ content: text('x'.repeat(61)), isError: true }, {});
    expect([textsOf(failed), failed.value('isError')]).toEqual([['61 bytes'], true]);
  });

  test('only because structured content says it again is said once', async () => {
    const half = JSON.stringify({ a: 'x'.repeat(30) });
    const once = await limited({ content: text(half), structuredContent: JSON.parse(half) }, {});
    expect([textsOf(once), once.has('structuredContent')]).toEqual([[half], false]);
  });

  test('in words is cut where the structured content beside it is short, and stays', async () => {
    const given = await limited({ content: text('x'.repeat(61)), structuredContent: { count: 3 } }, {});
    expect([textsOf(given), given.value('structuredContent')]).toEqual([['61 bytes'], { count: 3 }]);
  });

  test('and has not what was asked for says both', async () => {
    expect(textsOf(await limited({ content: text(DATA) }, { fields: ['/nothing'] }))).toEqual([
      `${DATA.length} bytes`,
      '[All of the answer: none of the fields is in it.]',
    ]);
  });

  test('is not what has other blocks that are long, nor what is just as long as it may be', async () => {
    const image = ObjectText.from({ content: [{ type: 'image', data: 'A'.repeat(100) }, ...text('short')] });
    const most = ObjectText.from({ content: text('x'.repeat(60)) });
    for (const whole of [image, most]) expect(await fitted(whole, { maxResultBytes: 60 })).toBe(whole);
  });
});
