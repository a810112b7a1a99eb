import { beforeEach, expect, test, vi } from 'vitest';
import { parseExactly } from '../../src/query/exact-json.ts';
import { Query } from '../../src/query/query.ts';

const deadline = vi.hoisted(() => ({ timeout: vi.fn(), patience: 1 }));

vi.mock('../../src/within-deadline.ts', async (original) => {
  const { withinDeadline } = await original<typeof import('../../src/within-deadline.ts')>();
  return {
    withinDeadline: <T>(ms: number, work: () => T): T => {
      deadline.timeout(ms);
      return withinDeadline(ms * deadline.patience, work);
    },
  };
});

beforeEach(() => {
  deadline.timeout.mockClear();
  deadline.patience = 1;
});

const find = (query: string, text: string): string =>
  JSON.stringify(new Query(query).find(parseExactly(text), text.length));

test('finds what JMESPath says, with the digits that came', () => {
  const text = '{"items":[{"n":1.0,"t":"a"},{"n":12345678901234567890,"t":"b"},{"n":3,"t":"c"}]}';
  expect(find('items[?n > `2`].{n: n, title: t}', text)).toBe(
    '[{"n":12345678901234567890,"title":"b"},{"n":3,"title":"c"}]',
  );
  expect(find('max(items[*].n)', '{"items":[{"n":1},{"n":4}]}')).toBe('4');
  expect(find('items[0].n', text)).toBe('1.0');
  expect(find('items[1:].t', text)).toBe('["b","c"]');
  expect(find('nothing', text)).toBe('null');
});

test.each([
  ['what is no expression', 'items[', /is no JMESPath/],
  ['a function that there is not', 'a[].nothing(@)', /there is no function nothing\(\)/],
  ['a member that would become a prototype', '{"__proto__": a, b: b}', /names a member __proto__/],
  ['what is too long', 'a.'.repeat(600).concat('a'), /is longer than 1,000 characters/],
  ['what joins by the data', 'join(to_string(@), @)', /joins by something that is no literal/],
  ['what doubles lists', '[@,@][]|'.repeat(40).concat('@'), /too many lists and objects/],
  ['what doubles inside objects', '{a:[@,@][]}.a|'.repeat(40).concat('@'), /too many lists and objects/],
])('refuses %s before there is any data', (_what, text, problem) => {
  expect(() => new Query(text)).toThrow(problem);
});

test('ends a query that takes too long', () => {
  const slow =
    'map(&sort_by(@, &to_string(@)), [all, all, all, all, all, all, all, all, all, all, all, all, all, all])';
  const huge = JSON.stringify({ all: Array.from({ length: 60_000 }, (_, index) => `text ${index % 977} of many`) });
  expect(() => find(slow, huge)).toThrow(/takes longer than 100 ms/);
});

test('ends a query that answers too much', () => {
  deadline.patience = 1_000; // a busy machine may take longer for so much
  const copied = `{"all":${JSON.stringify('x'.repeat(4_000_000))}}`;
  expect(() => find('[all,all,all,all,all]', copied)).toThrow(/answers more than/);
});

test('what is quickly done is done, however busy the machine', () => {
  const { timeout } = deadline;
  expect(find('[0]', '[1]')).toBe('1');
  expect(timeout).not.toHaveBeenCalled();
  deadline.patience = 1_000;
  expect(find('[0]', JSON.stringify(['x'.repeat(1_000_000)]))).toHaveLength(1_000_002);
  expect(timeout).toHaveBeenCalledOnce();
});

test('says nothing of the data where it does not fit', () => {
  const said = (): unknown => find('sum(@)', '["SECRET"]');
  expect(said).toThrow(/does not fit the data/);
  expect(said).not.toThrow(/SECRET/);
});

test('reaches nothing but the data', () => {
  for (const query of ['constructor', '__proto__.constructor', 'constructor.constructor', 'toString']) {
    expect(JSON.stringify(new Query(query).find({ a: 1 }, 7)) ?? 'null').toBe('null');
  }
});

test('makes no prototype of a member of the data', () => {
  for (const text of ['{"__proto__":1.0,"b":2}', '{"__proto__":{"b":1}}']) {
    expect(() => find('merge(@, `{}`)', text)).toThrow(/would make a member __proto__/);
    expect(find('@', text)).toBe(text);
  }
});
