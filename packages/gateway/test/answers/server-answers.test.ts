import { expect, test } from 'vitest';
import { ServerAnswers } from '../../src/answers/server-answers.ts';

const specs = { listed: ['a'], none: [] } as Record<string, readonly string[]>;
const answers = new ServerAnswers(
  { '*': { fields: ['/any'] }, 'list_*': { fields: ['/list'] }, list_one: { fields: ['/one'] }, quiet: {} },
  (tool) => specs[tool],
);
const kept = (tool: string): unknown => answers.formOf(tool)?.project({ any: 1, list: 2, one: 3, a: 4, b: 5 });

test('the rule that says most of the name holds, whatever their order', () => {
  expect([kept('list_one'), kept('list_two'), kept('get')]).toEqual([{ one: 3 }, { list: 2 }, { any: 1 }]);
});

test('an empty rule leaves the answers of its tools alone', () => {
  expect(answers.formOf('quiet')).toBeUndefined();
});

test('what a plugin says holds where no rule does', () => {
  const without = new ServerAnswers({ other: { fields: ['/b'] } }, (tool) => specs[tool]);
  expect(without.formOf('listed')?.project({ a: 4, b: 5 })).toEqual({ a: 4 });
  expect(without.formOf('listed')).toBe(without.formOf('listed'));
  expect(without.formOf('none')).toBeUndefined();
  expect(answers.formOf('listed')?.project({ a: 4, any: 1 })).toEqual({ any: 1 });
});
