import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAuditCall, readAuditPage } from '../../src/console/audit-pages.ts';
import { readCallFilter } from '../../src/console/call-filter.ts';

const line = (number: number, more: object = {}): string =>
  `${JSON.stringify({
    time: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
    event: 'call',
    principal: 'ci',
    server: 'files',
    method: 'tools/call',
    target: `files__tool-${number}`,
    verdict: 'ok',
    durationMs: 500,
    ...more,
  })}\n`;

const targets = (calls: readonly { readonly target?: string }[]) =>
  calls.map(({ target }) => Number(target?.split('-')[1]));
const asked = (query: string) => readCallFilter(new URLSearchParams(`source=log&${query}`));

test('the log is read from its end, over chunks and earlier files, whatever other lines stand between', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'lockgate-audit-')), 'audit.jsonl');
  const wide = 'ü'.repeat(40_000);
  await writeFile(
    `${path}.1`,
    [line(1), line(2, { reason: wide }), 'broken {"\n', line(3, { event: 'guard' })].join(''),
  );
  await writeFile(path, [line(4), line(5, { reason: wide }), line(6)].join(''));
  const files = { path, keep: 3 };
  const { calls, next } = await readAuditPage(files, asked('limit=100'));
  expect([targets(calls), next]).toEqual([[6, 5, 4, 2, 1], undefined]);
  expect(calls[0]).toMatchObject({ startedAt: 1_700_000_005_500, durationMs: 500, isRunning: false, principal: 'ci' });
  expect(await readAuditCall(files, calls[3]?.id ?? '')).toEqual(undefined); // longer than is read of one line
  expect(await readAuditCall(files, calls[2]?.id ?? '')).toEqual(calls[2]);
});

test('a page goes on where the last one ended, also when the file was put aside meanwhile', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'lockgate-audit-')), 'audit.jsonl');
  await writeFile(path, [1, 2, 3, 4].map((number) => line(number)).join(''));
  const files = { path, keep: 3 };
  const first = await readAuditPage(files, asked('limit=2'));
  await rename(path, `${path}.1`);
  await writeFile(path, line(5));
  const second = await readAuditPage(files, asked(`limit=2&before=${first.next}`));
  expect([targets(first.calls), targets(second.calls)]).toEqual([
    [4, 3],
    [2, 1],
  ]);
  await expect(readAuditPage(files, asked('before=../../etc'))).rejects.toThrow('no place in the audit log');
});

test('a log that is not there has no calls', async () => {
  const path = join(tmpdir(), 'lockgate-no-such-folder', 'audit.jsonl');
  expect(await readAuditPage({ path, keep: 3 }, asked(''))).toEqual({ calls: [] });
});
