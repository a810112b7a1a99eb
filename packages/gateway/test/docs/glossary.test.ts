import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const glossary = readFileSync(`${root}docs/glossary.md`, 'utf8');

const unused = rows(section('Not used')).map(([word]) => word as string);
const defined = ['Guests', 'Protocol', 'Gateway', 'House'].flatMap((title) => rows(section(title)));

test('the glossary defines each word once', () => {
  const words = defined.map(([word]) => word);
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  expect(words.length).toBeGreaterThan(50);
});

test('every word of the glossary is used in the sources or documents', () => {
  const text = texts()
    .map((entry) => entry.text.toLowerCase())
    .join('\n');
  const isUsed = (word: string): boolean => text.includes(word) || text.includes(word.replaceAll(/[ -]/g, ''));
  expect(defined.filter(([word]) => !isUsed(word as string))).toEqual([]);
});

test.each(unused)('sources and documents do without "%s"', (word) => {
  const pattern = new RegExp(`\\b${word}\\b`, 'i');
  const found = texts().flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

function texts(): readonly { file: string; text: string }[] {
  const patterns = ['packages/*/src/**/*.ts', 'docs/**/*.md', 'packages/*/README.md', '*.md'];
  return globSync(patterns, { cwd: root })
    .filter((file) => file !== 'docs/glossary.md')
    .map((file) => ({ file, text: readFileSync(`${root}${file}`, 'utf8') }));
}

function section(title: string): string {
  const [, text = ''] = glossary.split(`\n## ${title}\n`);
  return text.split('\n## ')[0] as string;
}

/** The rows of a table, without its head. */
function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
