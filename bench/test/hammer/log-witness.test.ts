import { expect, test } from 'vitest';
import { LINES_OF_A_CALL, LogWitness } from '../../hammer/log-witness.ts';

const lines = (count: number) => Array.from({ length: count }, () => 'line of many');
const read = (...said: readonly string[]): LogWitness => {
  const witness = new LogWitness();
  for (const line of said) witness.read('info', line);
  return witness;
};

test('a call is complete once it has logged all its lines and left', () => {
  const whole = ['enter a', ...lines(LINES_OF_A_CALL)];
  expect(read(...whole).hasSeen('a')).toBe(false);
  const witness = read(...whole, 'leave a');
  expect([witness.hasSeen('a'), witness.problems]).toEqual([true, []]);
});

test.each([
  ['lost', ['enter a', ...lines(LINES_OF_A_CALL - 1), 'leave a'], /^49 of 50 lines of "a"$/],
  ['doubled', ['enter a', ...lines(LINES_OF_A_CALL + 1), 'leave a'], /^51 of 50 lines/],
  ['of nobody', lines(1), /outside of any call/],
  ['of another call', ['enter a', 'leave b'], /^"leave b" while "a" was inside$/],
])('a line that is %s is a problem', (_what, said, problem) => {
  expect(read(...said).problems).toEqual([expect.stringMatching(problem)]);
});
