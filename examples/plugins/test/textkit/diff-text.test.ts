import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');
const diff = (before: string, after: string, more = {}): string =>
  plugin.execute('diff_text', { before, after, ...more }).data;

/** Applies a unified diff strictly: every kept and removed line must be the one at its line number. */
function applyDiff(before: string, patch: string): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const patchLines = patch.replaceAll('\n\\ No newline at end of file\n', '\u0000').match(/[^\n\0]*[\n\0]/g) ?? [];
  for (const line of patchLines.slice(2)) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(line);
    const text = line.slice(1).replace('\0', '');
    if (header) {
      const start = Number(header[1]) - (header[2] === '0' ? 0 : 1);
      while (at < start) result.push(lines[at++] ?? '');
      expect(result.length).toBe(Number(header[3]) - (header[4] === '0' ? 0 : 1));
    } else if (line.startsWith('+')) {
      result.push(text);
    } else {
      expect(text).toBe(lines[at++]);
      if (line.startsWith(' ')) result.push(text);
    }
  }
  return [...result, ...lines.slice(at)].join('');
}

/** The length of the shortest edit, by the plain quadratic table. */
function shortestEdit(before: string[], after: string[]): number {
  let row = after.map((_, j) => j + 1);
  row.unshift(0);
  for (let i = 1; i <= before.length; i++) {
    const next = [i];
    for (let j = 1; j <= after.length; j++) {
      const same = before[i - 1] === after[j - 1];
      next.push(same ? (row[j - 1] ?? 0) : 1 + Math.min(row[j] ?? 0, next[j - 1] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test('writes the unified format', () => {
  expect(diff('a\nb\nc\n', 'a\nx\nc\n', { name: 'letters.txt' })).toBe(
    '--- a/letters.txt\n+++ b/letters.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n',
  );
  expect(diff('', 'a\n')).toContain('@@ -0,0 +1 @@\n+a\n');
  expect(diff('a\n', '')).toContain('@@ -1 +0,0 @@\n-a\n');
});

test('gives nothing for equal texts', () => {
  expect(diff('same\ntext', 'same\ntext')).toBe('');
});

test('says where a line break at the end is missing', () => {
  expect(diff('a\nb', 'a\nb\n')).toContain('-b\n\\ No newline at end of file\n+b\n');
});

test('joins changes whose context touches and parts those whose context does not', () => {
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}\n`);
  const changed = (...at: number[]): string =>
    lines.map((line, n) => (at.includes(n) ? `changed ${line}` : line)).join('');
  const hunks = (patch: string): number => patch.match(/^@@/gm)?.length ?? 0;
  expect(hunks(diff(lines.join(''), changed(3, 10)))).toBe(1);
  expect(hunks(diff(lines.join(''), changed(3, 11)))).toBe(2);
  expect(hunks(diff(lines.join(''), changed(3, 5), { context: 0 }))).toBe(2);
});

test('10,000 random pairs: the diff rebuilds the new text, and is as short as can be', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % below;
  };
  const text = (): string[] => Array.from({ length: random(12) }, () => 'abcd'.charAt(random(4)));
  for (let round = 0; round < 10_000; round++) {
    const before = text();
    const after = text();
    const join = (lines: string[]): string =>
      lines
        .map((line) => `${line}\n`)
        .join('')
        .slice(0, random(2) ? -1 : undefined);
    const [old, now] = [join(before), join(after)];
    const patch = diff(old, now, { context: random(4) });
    expect(patch === '' ? old : applyDiff(old, patch), `round ${round}`).toBe(now);
    const oldLines = old.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const newLines = now.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    expect(patch.match(/^[+-](?!--|\+\+)/gm)?.length ?? 0, `round ${round}`).toBe(shortestEdit(oldLines, newLines));
  }
});

describe('with git', () => {
  test('git apply accepts a diff of this file with a changed copy', () => {
    const before = readFileSync(import.meta.filename, 'utf8');
    const after = before
      .split('\n')
      .flatMap((line, n) => (n % 17 === 3 ? [] : n % 23 === 5 ? [line, 'added'] : [line]))
      .join('\n')
      .trimEnd();
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-diff-'));
    try {
      writeFileSync(join(folder, 'file.ts'), before);
      execFileSync('git', ['apply', '-'], { cwd: folder, input: diff(before, after, { name: 'file.ts' }) });
      expect(readFileSync(join(folder, 'file.ts'), 'utf8')).toBe(after);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('texts too different for the shortest edit still get one that rebuilds the new text', () => {
  let seed = 7;
  const line = (): string => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return `${(seed >>> 16) % 3}\n`;
  };
  const [before, after] = [0, 1].map(() => Array.from({ length: 8_000 }, line).join('')) as [string, string];
  const patch = diff(before, after, { context: 1 });
  expect(applyDiff(before, patch)).toBe(after);
  expect(patch.match(/^[+-](?!--|\+\+)/gm)?.length).toBeLessThan(10_000);
});

test('two texts of 4,000 lines without one in common take linear memory', () => {
  const lines = (word: string): string => Array.from({ length: 4_000 }, (_, n) => `${word} ${n}\n`).join('');
  const fresh = openPlugin('textkit');
  const patch = fresh.execute('diff_text', { before: lines('old'), after: lines('new') }).data;
  expect(patch.match(/^[+-](?!--|\+\+)/gm)).toHaveLength(8_000);
  expect(fresh.memory.buffer.byteLength).toBeLessThan(16 * 1024 * 1024);
});
