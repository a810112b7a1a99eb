import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AppendFile, type AppendFileOptions } from '../../src/observe/append-file.ts';

test('a file whose folder cannot be used is tried again at every append', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'lockgate-append-')), 'logs');
  await writeFile(folder, 'in the way');
  const file = new AppendFile({ path: join(folder, 'audit.jsonl') });
  await expect(file.open()).rejects.toThrow('not a folder');
  await expect(file.append('lost\n')).rejects.toThrow('not a folder');
  await rm(folder);
  await file.append('kept\n');
  await file.close();
  expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toBe('kept\n');
});

test('a file that was never opened closes', async () => {
  await new AppendFile({ path: '/nowhere/audit.jsonl' }).close();
});

test.skipIf(process.platform !== 'linux')('a full disk is an error of the append', async () => {
  const file = new AppendFile({ path: '/dev/full' });
  await expect(file.append('no\n')).rejects.toMatchObject({ code: 'ENOSPC' });
  await file.close();
});

test.skipIf(process.platform === 'win32')(
  'a pipe that nobody reads is an error at once, and closing waits for nothing',
  async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'lockgate-append-')), 'audit.jsonl');
    await promisify(execFile)('mkfifo', [path]);
    const file = new AppendFile({ path });
    await expect(file.append('no\n')).rejects.toMatchObject({ code: 'ENXIO' });
    await file.close();
  },
);

test('lines after one that was torn by a fault are whole, and short writes are carried on', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'lockgate-append-')), 'audit.jsonl');
  const room = [4, 0, 3, 100, 100];
  const write: AppendFileOptions['write'] = async (descriptor, bytes, at) => {
    const most = room.shift() ?? 0;
    if (most === 0) throw new Error('full');
    return { bytesWritten: writeSync(descriptor, bytes, at, Math.min(most, bytes.length - at)) };
  };
  const file = new AppendFile({ path, write });
  await expect(file.append('torn line\n')).rejects.toThrow('full');
  await file.append('whole\n');
  await file.append('next\n');
  await file.close();
  expect(await readFile(path, 'utf8')).toBe('torn\nwhole\nnext\n');
});

describe('a file that is large enough', () => {
  const line = (n: number): string => `${String(n).padStart(9, '0')}\n`;
  const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'lockgate-append-'));
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

  test.each([0, 1, 3])('is put aside; no line is lost or torn, and %i earlier files are kept', async (keep) => {
    const path = join(await folder(), 'log');
    await writeFile(path, line(0)); // what was there before counts
    const file = new AppendFile({ path, rotation: { maxBytes: 50, keep } });
    for (let n = 1; n < 40; n += 2) await file.append(line(n) + line(n + 1));
    await file.close();
    const names = [...Array.from({ length: keep }, (_, index) => `${path}.${keep - index}`), path];
    const kept = await Promise.all(names.map(read));
    expect(kept.every((text) => text.length <= 50)).toBe(true);
    const all = Array.from({ length: 41 }, (_, n) => line(n)).join('');
    expect(all.endsWith(kept.join(''))).toBe(true);
    expect(kept.join('').length).toBeGreaterThan(keep * 40);
    expect(await read(`${path}.${keep + 1}`)).toBe('');
  });

  test('of two that write to it is put aside once', async () => {
    const path = join(await folder(), 'log');
    const rotation = { maxBytes: 20, keep: 5 };
    const [one, two] = [new AppendFile({ path, rotation }), new AppendFile({ path, rotation })];
    await one.append(line(1));
    await two.append(line(2));
    await one.append(line(3) + line(4));
    await two.append(line(5) + line(6));
    await Promise.all([one.close(), two.close()]);
    expect([await read(`${path}.1`), await read(path)]).toEqual([line(1) + line(2), [3, 4, 5, 6].map(line).join('')]);
  });

  test('is written on where it cannot be renamed', async () => {
    const path = join(await folder(), 'log');
    await mkdir(join(`${path}.1`, 'in the way'), { recursive: true });
    const file = new AppendFile({ path, rotation: { maxBytes: 20, keep: 1 } });
    for (let n = 1; n < 9; n++) await file.append(line(n));
    await file.close();
    expect(await read(path)).toBe([1, 2, 3, 4, 5, 6, 7, 8].map(line).join(''));
  });

  test('that somebody moves away is begun anew after it was opened again', async () => {
    const path = join(await folder(), 'log');
    const file = new AppendFile({ path });
    await file.append(line(1));
    await rename(path, `${path}.moved`);
    await file.append(line(2));
    await file.reopen();
    await file.append(line(3));
    await file.close();
    expect([await read(`${path}.moved`), await read(path)]).toEqual([line(1) + line(2), line(3)]);
  });
});
