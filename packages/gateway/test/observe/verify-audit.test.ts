import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/observe/audit.ts';
import { verifyAudit } from '../../src/observe/verify-audit.ts';

let logDir: string;
let path: string;

beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'lockgate-chain-'));
  path = join(logDir, 'audit.jsonl');
});

async function write(from: number, to: number): Promise<void> {
  const fail = (error: Error): never => {
    throw error;
  };
  const audit = openAuditLog({ logDir, onFailure: fail });
  for (let n = from; n <= to; n++) audit.record({ event: 'call', principal: 'ci', target: `t${n}`, verdict: 'ok' });
  await audit.close();
}

const problems = async (keep = 3) => (await verifyAudit(path, keep)).problems.map(({ problem }) => problem);

async function change(edit: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${edit(lines).join('\n')}\n`);
}

describe('the chain of the audit log', () => {
  test('holds over starts of the gateway and rotation, and after earlier files have gone', async () => {
    await write(1, 3);
    await rename(path, `${path}.1`);
    await write(4, 5);
    await rename(`${path}.1`, `${path}.2`);
    await rename(path, `${path}.1`);
    await write(6, 7);
    expect(await verifyAudit(path, 3)).toMatchObject({ files: 3, lines: 7, problems: [], torn: 0, unchained: 0 });
    expect(await problems(1)).toEqual([]);
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['a line that is removed', (lines) => lines.toSpliced(2, 1), /1 lines that are missing/],
    ['lines that are swapped', ([a, b, c, ...rest]) => [a, c, b, ...rest] as string[], /missing|another order/],
    ['a line that is edited', (lines) => lines.with(2, lines[2]?.replace('t3', 't9') ?? ''), /not as it was written/],
    ['a line that comes twice', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), /another order/],
    ['a line that is put in', (lines) => lines.toSpliced(2, 0, '{"event":"call","verdict":"ok"}'), /put in, or edited/],
    [
      'a line whose link is cut off',
      (lines) => lines.map((l, i) => (i === 2 ? l.replace(/,"chain.*/, '}') : l)),
      /put in/,
    ],
    ['the end of a run before the next', (lines) => lines.toSpliced(3, 1), /follows a line that is missing/],
    ['the beginning of a run', (lines) => lines.toSpliced(4, 1), /lines of its run that are missing/],
    ['a whole run', (lines) => lines.toSpliced(4, 2), /follows a line that is missing/],
  ])('shows %s', async (_name, edit, problem) => {
    await write(1, 4);
    await write(5, 6);
    await write(7, 8);
    expect(await problems()).toEqual([]);
    await change(edit);
    expect((await problems()).join()).toMatch(problem);
  });

  test('shows a file that was removed between others', async () => {
    await write(1, 2);
    await rename(path, `${path}.1`);
    await write(3, 4);
    await rename(`${path}.1`, `${path}.2`);
    await rename(path, `${path}.1`);
    await write(5, 6);
    await rm(`${path}.1`);
    expect(await problems()).toEqual(['follows a line that is missing']);
  });

  test('tells what a crash has cut off from what somebody has changed', async () => {
    await write(1, 2);
    await appendFile(path, '{"time":"2026","event":"ca');
    expect(await verifyAudit(path, 3)).toMatchObject({ lines: 2, torn: 1, problems: [] });
    await write(3, 4);
    expect(await verifyAudit(path, 3)).toMatchObject({ lines: 4, torn: 1, problems: [] });
    await appendFile(path, '{"event":"call"}\n');
    expect(await problems()).toEqual([expect.stringMatching(/put in/)]);
  });

  test('shows a cut end, or a chain made anew, by a line that was noted before', async () => {
    await write(1, 4);
    const { last } = await verifyAudit(path, 3);
    expect((await verifyAudit(path, 3, last)).hasAsked).toBe(true);
    await change((lines) => lines.slice(0, 2));
    const cut = await verifyAudit(path, 3, last);
    expect([cut.problems, cut.hasAsked]).toEqual([[], false]);
  });

  test('begins after lines of an earlier Lockgate, which it counts', async () => {
    await writeFile(path, '{"event":"call","verdict":"ok"}\n');
    await write(1, 2);
    expect(await verifyAudit(path, 3)).toMatchObject({ lines: 2, unchained: 1, problems: [] });
  });
});
