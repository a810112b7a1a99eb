import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { readAuditKeys } from '../src/observe/audit-keys.ts';

const SOMEBODY = 12_345;
const isRoot = process.getuid?.() === 0;

afterEach(() => void vi.restoreAllMocks());

/** A file of keys with this mode, of a user that this process then is taken for. */
function keyFile(mode: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lockgate-keys-')), 'audit.key');
  writeFileSync(path, Buffer.alloc(32, 1).toString('base64'), { mode });
  return path;
}

test('keys of the audit log that others can read are refused, with what to do; those that nobody else can are taken', async () => {
  const open = keyFile(0o644);
  const closed = keyFile(0o600);
  if (isRoot) {
    for (const path of [open, closed]) chownSync(path, SOMEBODY, SOMEBODY);
    vi.spyOn(process, 'getuid').mockReturnValue(SOMEBODY);
  }
  await expect(readAuditKeys({ keyFile: open })).rejects.toMatchObject({
    code: 'GATEWAY_AUDIT_KEY',
    message: expect.stringContaining(`chmod 600 ${open}`),
  });
  expect(await readAuditKeys({ keyFile: closed })).toHaveLength(1);
});

test.runIf(isRoot)('what belongs to root and everybody can read is told, and taken', async () => {
  const told: string[] = [];
  const path = keyFile(0o644);
  expect(await readAuditKeys({ keyFile: path }, (file) => told.push(file))).toHaveLength(1);
  await readAuditKeys({ keyFile: keyFile(0o640) }, (file) => told.push(file));
  expect(told).toEqual([path]);
});
