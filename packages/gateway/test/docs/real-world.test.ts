import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const PAGE = new URL('../../../../docs/rationale/real-world.md', import.meta.url);

/** What a test's source has of a title, whichever quotes it stands in. */
const plain = (text: string): string => text.replaceAll(/\\(['"`])/g, '$1');

const rows = (await readFile(PAGE, 'utf8')).split('\n').filter((line) => /^\| [FLU]\d+ /.test(line));

test('every case of the field has a row', () => {
  const named = new Set(rows.map((row) => /^\| ([FLU]\d+)/.exec(row)?.[1]));
  const expected = [...numbered('F', 16), ...numbered('L', 16)];
  expect(expected.filter((name) => !named.has(name))).toEqual([]);
});

test.each(
  rows.flatMap((row) =>
    [...row.matchAll(/\[([^\]]+)\]\(([^)]+\.(?:ts|mjs))\)/g)].map(
      ([, title = '', file = '']) => [title, file] as const,
    ),
  ),
)('"%s" is a test of %s', async (title, file) => {
  expect(plain(await readFile(new URL(file, PAGE), 'utf8'))).toContain(title);
});

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}
