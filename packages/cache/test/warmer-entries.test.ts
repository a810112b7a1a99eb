import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { answerOf, noDisk, runProgram, temporaryFolder } from './fixtures/setting.ts';

const WASM = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');

/** One process after another, in one directory: how much each works, and how often its cache looks at most. */
function work(directory: string, ...[how, looks]: ['little' | 'much', number]): object {
  return answerOf(runProgram('working-program.ts', [directory, WASM, how, String(looks)]));
}

describe.skipIf(noDisk)('an entry that was made after little work', () => {
  test('is replaced by what a later process learns without it, where processes live long; once', () => {
    using folder = temporaryFolder();
    const first = { kind: 'profile', generation: 1, cold: true };
    expect(work(folder.path, 'little', 1)).toEqual({ ...first, hits: 0, writes: 1, marked: false });
    const short = work(folder.path, 'little', 3);
    expect(short, 'one that does not live long').toEqual({ ...first, hits: 1, writes: 0, marked: false });
    const long = work(folder.path, 'little', 4);
    expect(long, 'one that lives on').toEqual({ ...first, hits: 1, writes: 0, marked: true });
    const second = { kind: 'profile', generation: 2, cold: false };
    expect(work(folder.path, 'much', 4), 'one that learns').toEqual({ ...second, hits: 0, writes: 1, marked: false });
    const last = work(folder.path, 'little', 0);
    expect(last, 'one after that').toEqual({ ...second, hits: 1, writes: 0, marked: false });
  });

  test('stays where the process that does without it learns no more, and is doubted no more', () => {
    using folder = temporaryFolder();
    work(folder.path, 'much', 1);
    expect(work(folder.path, 'little', 4)).toMatchObject({ cold: true, marked: true });
    const learner = { hits: 0, writes: 0, marked: false, generation: 1 };
    expect(work(folder.path, 'little', 6)).toEqual({ kind: 'profile', ...learner, cold: false });
    expect(work(folder.path, 'little', 0)).toMatchObject({ hits: 1, generation: 1 });
  });

  test('stays where a process that goes on working has learned no more', () => {
    using folder = temporaryFolder();
    expect(work(folder.path, 'much', 6)).toMatchObject({ cold: false, marked: false });
  });
});
