import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/observe/audit.ts';
import { linkOf, readChained } from '../../src/observe/audit-chain.ts';
import { type AuditKey, readAuditKeys } from '../../src/observe/audit-keys.ts';
import { verifyAudit } from '../../src/observe/verify-audit.ts';

let logDir: string;
let path: string;

beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'lockgate-chain-'));
  path = join(logDir, 'audit.jsonl');
});

async function write(from: number, to: number, key?: AuditKey): Promise<void> {
  const fail = (error: Error): never => {
    throw error;
  };
  const audit = openAuditLog({ logDir, key, onFailure: fail });
  for (let n = from; n <= to; n++) audit.record({ event: 'call', principal: 'ci', target: `t${n}`, verdict: 'ok' });
  await audit.close();
}

const problems = async (keep = 3, keys: readonly AuditKey[] = []) =>
  (await verifyAudit(path, keep, undefined, keys)).problems.map(({ problem }) => problem);

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
    [
      'a whole line that is put in where a run ends',
      (lines) => lines.toSpliced(4, 0, '{"event":"call","verdict":"ok"}'),
      /put in, or edited/,
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

  test('takes two gateways that began on an empty folder at the same moment for what they are, and one that began later not', async () => {
    const start = Date.UTC(2026, 0, 1);
    const begin = (now: number) => openAuditLog({ logDir, now: () => now, onFailure: () => expect.unreachable() });
    const record = (audit: ReturnType<typeof begin>) => audit.record({ event: 'call', principal: 'ci', verdict: 'ok' });
    for (const [laterMs, problem] of [
      [40, []],
      [5_000, ['begins a chain that follows nothing, though there were lines before it']],
    ] as const) {
      const [one, other] = [begin(start), begin(start + laterMs)];
      for (const audit of [one, other, one, other]) record(audit);
      await Promise.all([one.close(), other.close()]);
      expect(await problems()).toEqual(problem);
      await rm(path);
    }
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

  test('takes the last line for cut off wherever a crash has cut it, also behind the brace of an object inside', async () => {
    await write(1, 1);
    const first = await readFile(path);
    const decision = { labels: { secrecy: ['private:{}'] } };
    const audit = openAuditLog({ logDir, onFailure: () => expect.unreachable() });
    audit.record({ event: 'guard', principal: 'ci', verdict: 'ok', decision });
    await audit.close();
    const whole = await readFile(path);
    for (let end = first.length + 1; end < whole.length - 1; end++) {
      await writeFile(path, whole.subarray(0, end));
      expect(await verifyAudit(path, 0), `cut at ${end}`).toMatchObject({ lines: 1, torn: 1, problems: [] });
    }
  });

  test('says whether its first line tells of others before it', async () => {
    await write(1, 2);
    await write(3, 4);
    expect(await verifyAudit(path, 0)).toMatchObject({ isCutAtStart: false });
    for (const gone of [1, 2]) {
      await change((lines) => lines.slice(1));
      expect(await verifyAudit(path, 0), `${gone} removed`).toMatchObject({ isCutAtStart: true, problems: [] });
    }
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

describe('a chain with a key', () => {
  const text = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
  let keys: readonly AuditKey[];
  let old: AuditKey;
  let key: AuditKey;

  beforeEach(async () => {
    keys = await readAuditKeys({ key: `${text(2)} ${text(1)}` });
    [key, old] = keys as [AuditKey, AuditKey];
  });

  /** Makes all hashes anew from a line on, as somebody without the key can: without a key, or saying that it had one. */
  function forged(lines: readonly string[], from: number, id = ''): string[] {
    let before = readChained(lines[from - 1] ?? '')?.hash ?? '';
    return lines.map((text, index) => {
      const line = readChained(text);
      if (!line || index < from) return text;
      const body = line.body.replace('t3', 't9');
      before = linkOf(before, { ...line, body });
      return `${body},"chain":"${line.run}.${line.number}.${before}${id}"}`;
    });
  }

  test('holds over a change of keys and after lines without one, which it counts', async () => {
    await write(1, 2);
    await write(3, 4, old);
    await write(5, 6, key);
    expect(await verifyAudit(path, 3, undefined, keys)).toMatchObject({ lines: 6, unkeyed: 2, problems: [] });
    expect(await problems(3, [key])).toEqual([expect.stringContaining(`the key ${old.id}, which is not given`)]);
    expect(await problems(3)).toHaveLength(2);
  });

  test('cannot be made anew by whoever can write the file', async () => {
    await write(1, 4, key);
    await change((lines) => forged(lines, 2));
    expect((await problems(3, keys)).join()).toMatch(/without a key after lines with one/);
    await change((lines) => forged(lines, 0));
    expect((await problems(3, keys)).join()).toMatch(/all written without a key/);
    expect(await problems(3)).toEqual([]);
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['made anew without the key in its name', (lines) => forged(lines, 2, `.${key.id}`), /not as it was written/],
    ['with a line that is edited', (lines) => lines.with(2, lines[2]?.replace('t3', 't9') ?? ''), /not as it was/],
    [
      'with a run that comes once more under another name',
      (lines) => [
        ...lines,
        ...lines.slice(4).map((line) => line.replace(/"chain":"[0-9a-f]{16}/, `"chain":"${'0'.repeat(16)}`)),
      ],
      /not as it was written/,
    ],
    [
      'with a line that is told as one of another number',
      (lines) =>
        lines
          .toSpliced(1, 1)
          .map((line) => line.replace(/\.3\.(?=[\w-]{43})/, '.2.').replace(/\.4\.(?=[\w-]{43})/, '.3.')),
      /not as it was written/,
    ],
  ])('shows one %s', async (_name, edit, problem) => {
    await write(1, 4, key);
    await write(5, 6, key);
    expect(await problems(3, keys)).toEqual([]);
    await change(edit);
    expect((await problems(3, keys)).join()).toMatch(problem);
  });

  test('needs keys of 32 bytes, and says of what is none neither its text nor a part of it', async () => {
    for (const wrong of ['c2hvcnQ=', 'not base64!', '# a comment only'])
      await expect(readAuditKeys({ key: wrong })).rejects.toMatchObject({
        code: 'GATEWAY_AUDIT_KEY',
        message: expect.not.stringContaining(wrong),
      });
    await expect(readAuditKeys({ keyFile: join(logDir, 'none') })).rejects.toThrow(/cannot be read \(ENOENT\)/);
    expect(await readAuditKeys({})).toEqual([]);
  });
});
