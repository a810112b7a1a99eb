import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisUser } from '../src/directory.ts';
import { evict } from '../src/eviction.ts';
import { realFileSystem } from '../src/file-system.ts';
import { FsStore } from '../src/fs-store.ts';
import { temporaryFolder } from './fixtures/setting.ts';

const NOW = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;
const ours = 'a'.repeat(16);
const theirs = 'b'.repeat(16);
const entryName = (id: number, engine: string = ours): string =>
  `${String(id).padStart(64, '0')}.${engine}.00000007.code`;

function setUp(directory: string) {
  const store = new FsStore({ directory, fs: realFileSystem, user: thisUser() });
  const add = (name: string, usedMs: number, byteLength = 100): void => {
    writeFileSync(join(directory, name), Buffer.alloc(byteLength));
    utimesSync(join(directory, name), usedMs / 1000, usedMs / 1000);
  };
  const run = (maxBytes: number, nowMs = NOW): number =>
    evict(store, { maxBytes, nowMs, isOfThisEngine: (name) => name.includes(ours) });
  const left = (): string[] => readdirSync(directory).sort();
  return { add, run, left };
}

describe('eviction', () => {
  test('removes the least recently used entries until the rest fits', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    for (const [id, age] of [5, 1, 9, 3].entries()) add(entryName(id), NOW - age * HOUR);
    expect(run(250)).toBe(2);
    expect(left()).toEqual([entryName(1), entryName(3)]);
  });

  test('removes nothing while everything fits', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    add(entryName(1), NOW);
    add(entryName(2, theirs), 0);
    expect(run(200)).toBe(0);
    expect(left()).toHaveLength(2);
  });

  test('entries of other engines go first, however recently they were used', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    add(entryName(1), NOW - 100 * HOUR);
    add(entryName(2, theirs), NOW);
    expect(run(150)).toBe(1);
    expect(left()).toEqual([entryName(1)]);
  });

  test('an entry from the future counts as used now, so a clock that jumped back protects nobody for ever', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    add(entryName(1), NOW + 1000 * HOUR);
    add(entryName(2), NOW);
    add(entryName(3), NOW - HOUR);
    expect(run(200)).toBe(1);
    expect(left()).toEqual([entryName(1), entryName(2)]);
  });

  test('what killed writers left goes after an hour, by whichever clock, and nobody else touches it', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    add('old.tmp', NOW - 2 * HOUR);
    add('future.tmp', NOW + 2 * HOUR);
    add('young.tmp', NOW - HOUR / 2);
    add('notes.txt', NOW - 1000 * HOUR);
    expect(run(0)).toBe(0);
    expect(left()).toEqual(['notes.txt', 'young.tmp']);
  });

  test('a mark leaves with its entry', () => {
    using folder = temporaryFolder();
    const { add, run, left } = setUp(folder.path);
    add(entryName(1), NOW);
    add(`${entryName(1)}.learn`, NOW, 0);
    add(`${entryName(2)}.learn`, NOW, 0);
    run(1_000);
    expect(left()).toEqual([entryName(1), `${entryName(1)}.learn`]);
  });

  test('a directory that has vanished is empty', () => {
    const { run } = setUp('/nowhere/at/all');
    expect(run(0)).toBe(0);
  });
});
