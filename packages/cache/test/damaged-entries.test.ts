import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { loopResult } from './fixtures/modules.ts';
import {
  answerOf,
  FROM_SOURCE,
  fixture,
  noDisk,
  runProgram,
  SOURCE_ENVIRONMENT,
  temporaryFolder,
} from './fixtures/setting.ts';

const PARTS = 2;
const HOT_ROUNDS = '30000000';

interface Seen {
  readonly tried: number;
  readonly corrupt: number;
  readonly stale: number;
  readonly wrong: string[];
  readonly uncounted: string[];
  readonly left: string[];
}

describe.skipIf(noDisk)('damaged entries', () => {
  test('10,000 of them: no crash, no wrong result, each counted once and removed', { timeout: 180_000 }, async () => {
    using folder = temporaryFolder();
    const good = join(folder.path, 'good');
    for (const seed of ['1', '2']) {
      const answer = answerOf<{ stats: { writes: number } }>(runProgram('loop-program.ts', [good, seed, HOT_ROUNDS]));
      expect(answer.stats.writes, 'nothing to damage: V8 optimised nothing').toBe(1);
    }
    const parts = await Promise.all(
      Array.from({ length: PARTS }, (_, part) => {
        cpSync(good, join(folder.path, `${part}`), { recursive: true });
        return tryAll(join(folder.path, `${part}`), part);
      }),
    );
    const sum = (key: 'tried' | 'corrupt' | 'stale'): number => parts.reduce((all, part) => all + part[key], 0);
    expect(sum('tried')).toBeGreaterThanOrEqual(10_000);
    expect(sum('corrupt') + sum('stale')).toBe(sum('tried'));
    expect(sum('stale')).toBe(10);
    for (const { wrong, uncounted, left } of parts)
      expect({ wrong, uncounted, left }).toEqual({ wrong: [], uncounted: [], left: [] });

    const whole = answerOf(runProgram('loop-program.ts', [good, '1', '20']));
    expect(whole).toMatchObject({ result: loopResult(1, 20), stats: { hits: 1, corrupt: 0, stale: 0 } });
  });
});

async function tryAll(directory: string, part: number): Promise<Seen> {
  const program = [...FROM_SOURCE, fixture('damage-program.ts'), directory, String(part), String(PARTS)];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe'], env: SOURCE_ENVIRONMENT });
  const exit = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status, signal] = await exit;
  return answerOf({ status, signal, stdout, stderr: stderr.slice(-300) } as Parameters<typeof answerOf>[0]);
}
