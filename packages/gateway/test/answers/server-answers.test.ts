import { expect, test } from 'vitest';
import { ServerAnswers } from '../../src/answers/server-answers.ts';

const specs = { listed: ['a'], none: [] } as Record<string, readonly string[]>;
const answers = new ServerAnswers(
  { '*': { fields: ['/any'] }, 'list_*': { fields: ['/list'] }, list_one: { fields: ['/one'] }, quiet: {} },
  (tool) => specs[tool],
  0,
);
const kept = (tool: string): unknown => answers.formOf(tool)?.project({ any: 1, list: 2, one: 3, a: 4, b: 5 }, 0);

test('the rule that says most of the name holds, whatever their order', () => {
  expect([kept('list_one'), kept('list_two'), kept('get')]).toEqual([{ one: 3 }, { list: 2 }, { any: 1 }]);
});

test('an empty rule leaves the answers of its tools alone', () => {
  expect(answers.formOf('quiet')).toBeUndefined();
});

test('what a plugin says holds where no rule does', () => {
  const without = new ServerAnswers({ other: { fields: ['/b'] } }, (tool) => specs[tool], 0);
  expect(without.formOf('listed')?.project({ a: 4, b: 5 }, 0)).toEqual({ a: 4 });
  expect(without.formOf('listed')).toBe(without.formOf('listed'));
  expect(without.formOf('none')).toBeUndefined();
  expect(answers.formOf('listed')?.project({ a: 4, any: 1 }, 0)).toEqual({ any: 1 });
});

test('a limit holds where no rule has one of its own', () => {
  const limited = new ServerAnswers(
    { own: { maxResultBytes: 7 }, none: { maxResultBytes: 0 }, other: {} },
    (tool) => specs[tool],
    5,
  );
  const limits = ['own', 'none', 'other', 'listed', 'unknown'].map((tool) => limited.formOf(tool)?.maxResultBytes);
  expect(limits).toEqual([7, undefined, 5, 5, 5]);
  expect([limited.limitOf('own'), limited.limitOf('none'), limited.limitOf('unknown')]).toEqual([7, 0, 5]);
  expect([limited.mayKeep, answers.mayKeep]).toEqual([true, false]);
});
