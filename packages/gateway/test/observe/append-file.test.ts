import { writeSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppendFile } from '../../src/observe/append-file.ts';

test('a file whose folder cannot be used is tried again at every append', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'lockgate-append-')), 'logs');
  await writeFile(folder, 'in the way');
  const file = new AppendFile(join(folder, 'audit.jsonl'));
  await expect(file.open()).rejects.toThrow('not a folder');
  await expect(file.append('lost\n')).rejects.toThrow('not a folder');
  await rm(folder);
  await file.append('kept\n');
  await file.close();
  expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toBe('kept\n');
});

test('a file that was never opened closes', async () => {
  await new AppendFile('/nowhere/audit.jsonl').close();
});

test.skipIf(process.platform !== 'linux')('a full disk is an error of the append', async () => {
  const file = new AppendFile('/dev/full');
  await expect(file.append('no\n')).rejects.toMatchObject({ code: 'ENOSPC' });
  await file.close();
});

test('lines after one that was torn by a fault are whole, and short writes are carried on', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'lockgate-append-')), 'audit.jsonl');
  const room = [4, 0, 3, 100, 100];
  const file = new AppendFile(path, async (descriptor, bytes, at) => {
    const most = room.shift() ?? 0;
    if (most === 0) throw new Error('full');
    return { bytesWritten: writeSync(descriptor, bytes, at, Math.min(most, bytes.length - at)) };
  });
  await expect(file.append('torn line\n')).rejects.toThrow('full');
  await file.append('whole\n');
  await file.append('next\n');
  await file.close();
  expect(await readFile(path, 'utf8')).toBe('torn\nwhole\nnext\n');
});
