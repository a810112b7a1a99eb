import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/observe/audit.ts';

const now = (): number => Date.UTC(2026, 0, 2, 3, 4, 5);
const unexpected = (error: Error): never => {
  throw error;
};
const chain = expect.stringMatching(/^[0-9a-f]{16}\.1\.[\w-]{43}$/);
const call = { event: 'call', principal: 'ci', verdict: 'ok' } as const;

describe('the audit log', () => {
  test('has one line of JSON for each entry, appended, for its owner only', async () => {
    const logDir = join(await mkdtemp(join(tmpdir(), 'lockgate-audit-')), 'logs');
    for (const target of ['one', 'two']) {
      const audit = openAuditLog({ logDir, now, onFailure: unexpected });
      audit.record({ ...call, method: 'tools/call', target, durationMs: 1.5 });
      await audit.close();
    }
    const file = join(logDir, 'audit.jsonl');
    expect(
      (await readFile(file, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { time: '2026-01-02T03:04:05.000Z', ...call, method: 'tools/call', target: 'one', durationMs: 1.5, chain },
      {
        time: '2026-01-02T03:04:05.000Z',
        ...call,
        method: 'tools/call',
        target: 'two',
        durationMs: 1.5,
        follows: expect.any(String),
        chain,
      },
    ]);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test('tells the time of each entry, though lines are written together', async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'lockgate-audit-'));
    let clock = now();
    const audit = openAuditLog({ logDir, now: () => clock, onFailure: unexpected });
    for (const ms of [0, 0, 7]) {
      clock += ms;
      audit.record(call);
    }
    await audit.close();
    const times = (await readFile(join(logDir, 'audit.jsonl'), 'utf8')).match(/"time":"[^"]+"/g);
    expect(times?.map((time) => time.slice(-6, -1))).toEqual(['.000Z', '.000Z', '.007Z']);
  });

  test('keeps lines whole whatever a target holds', async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'lockgate-audit-'));
    const audit = openAuditLog({ logDir, onFailure: unexpected });
    const rough = '"a\\\n{"verdict":"ok"}\u2028\ud800';
    const entry = { ...call, principal: rough, session: rough, remoteAddress: rough, server: rough, method: rough };
    const all = { ...entry, target: rough, reason: rough, durationMs: 0.5, decision: { withheld: [rough] } };
    audit.record({ ...all, requestBytes: undefined, responseBytes: 0 });
    await audit.close();
    const text = await readFile(join(logDir, 'audit.jsonl'), 'utf8');
    expect(text.split('\n')).toHaveLength(2);
    expect(JSON.parse(text)).toEqual({ time: expect.any(String), ...all, responseBytes: 0, chain });
  });

  test('without a folder goes nowhere, and never stops a call where the folder cannot be used', async () => {
    const nowhere = openAuditLog({ onFailure: unexpected });
    nowhere.record(call);
    await nowhere.close();
    const file = join(await mkdtemp(join(tmpdir(), 'lockgate-audit-')), 'a-file');
    await writeFile(file, '');
    const failures: Error[] = [];
    const audit = openAuditLog({ logDir: file, onFailure: (error) => failures.push(error) });
    audit.record(call);
    await audit.close();
    expect(failures).toHaveLength(1);
    expect(audit.lost).toBe(1);
  });
});
