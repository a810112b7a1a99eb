import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('what a program without guests needs is an entry of its own, without what reads or runs modules', async () => {
  const entry = await import('@lockgate/abi/without-guests');
  expect(Object.keys(entry).sort()).toEqual(['LONGEST_MESSAGE_BYTES', 'LockgateError', 'parseJsonText']);
  const read = new Map<string, string>();
  const follow = (name: string): void => {
    if (read.has(name)) return;
    const text = readFileSync(new URL(`../dist/${name}`, import.meta.url), 'utf8');
    read.set(name, text);
    for (const [, from = ''] of text.matchAll(/from "([^"]+)"/g)) follow(from.slice('./'.length));
  };
  follow('without-guests.js');
  const sources = [...read.keys()].flatMap((name): string[] => {
    const { sources } = JSON.parse(readFileSync(new URL(`../dist/${name}.map`, import.meta.url), 'utf8'));
    return sources;
  });
  expect(new Set(sources.map((path) => path.replace('../src/', '')))).toEqual(
    new Set(['errors.ts', 'longest-message.ts', 'parse-json-text.ts']),
  );
});
