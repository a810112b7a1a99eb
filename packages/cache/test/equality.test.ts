import { describe, expect, test } from 'vitest';
import { answerOf, noDisk, runProgram, temporaryFolder } from './fixtures/setting.ts';

interface Run {
  readonly kind: string;
  readonly hits: number;
  readonly misses: number;
  readonly corrupt: number;
  readonly calls: number;
  readonly results: Readonly<Record<string, string>>;
}

describe.skipIf(noDisk)('results with code from the cache', () => {
  test('equal those without it, for every export of every guest in the repository', () => {
    using folder = temporaryFolder();
    const plain = answerOf<Run>(runProgram('guests-program.ts', ['run', folder.path]));
    expect(plain.misses, 'some guests are the same bytes').toBeGreaterThan(30);
    expect(Object.keys(plain.results).length).toBeGreaterThan(25);
    expect(plain.calls).toBeGreaterThan(1_000);

    const { written } = answerOf<{ written: number }>(runProgram('guests-program.ts', ['optimise', folder.path]));
    const cached = answerOf<Run>(runProgram('guests-program.ts', ['run', folder.path]));
    expect(written).toBe(cached.hits);
    expect(cached).toMatchObject({ kind: 'disk', misses: 0, corrupt: 0 });
    expect(cached.results).toEqual(plain.results);
  });
});
