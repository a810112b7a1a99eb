import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DiffLine, lineDiff } from '../../console/line-diff.ts';

const signs = { same: ' ', removed: '-', added: '+', skipped: '…' } as const;
const shown = (lines: readonly DiffLine[]) =>
  lines.map((line) => signs[line.kind] + (line.kind === 'skipped' ? line.count : line.text));

test('removed and added lines stand between the lines around them', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].join('\n');
  const after = ['a', 'b', 'c', 'd', 'e', 'F', 'g', 'h', 'i', 'j'].join('\n');
  expect(shown(lineDiff(before, after))).toEqual(['…2', ' c', ' d', ' e', '-f', '+F', ' g', ' h', ' i', '+j']);
});

test('equal texts have no difference', () => {
  expect(lineDiff('a\nb', 'a\nb')).toEqual([]);
});

test('both texts can be made from the difference, and its line numbers are theirs', () => {
  const text = fc.array(fc.constantFrom('{', '}', '  "a": 1,', '', 'x'), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      for (const line of lineDiff(before.join('\n'), after.join('\n'))) {
        if (line.kind === 'same' || line.kind === 'removed') expect(before[line.before - 1]).toBe(line.text);
        if (line.kind === 'same' || line.kind === 'added') expect(after[line.after - 1]).toBe(line.text);
      }
      const lines = lineDiff(before.join('\n'), after.join('\n'));
      if (lines.length === 0) {
        expect(before.join('\n')).toBe(after.join('\n'));
        return;
      }
      const count = (kinds: readonly string[]) =>
        lines.reduce(
          (sum, line) => sum + (line.kind === 'skipped' ? line.count : kinds.includes(line.kind) ? 1 : 0),
          0,
        );
      expect(count(['same', 'removed'])).toBe(before.length);
      expect(count(['same', 'added'])).toBe(after.length);
    }),
  );
});
