import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultyFs, idle } from '../../src/index.ts';

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'faulty-fs-'));
  return { file: join(path, 'file'), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('faultyFs', () => {
  test('without a fault it only counts, through handles and nested objects too', async () => {
    await using place = await directory();
    const { fs: port, operations } = faultyFs(fs);
    const handle = await port.promises.open(place.file, 'w');
    await handle.writeFile('whole');
    await handle.close();
    expect(port.readFileSync(place.file, 'utf8')).toBe('whole');
    expect(operations).toEqual(['open', 'writeFile', 'close', 'readFileSync']);
  });

  test('fails the k-th operation with its code, and no other', async () => {
    await using place = await directory();
    const { fs: port, struck } = faultyFs(fs.promises, { at: 2, kind: 'fail', code: 'ENOSPC' });
    await port.writeFile(place.file, 'first');
    await expect(port.writeFile(place.file, 'second')).rejects.toMatchObject({ code: 'ENOSPC' });
    await struck;
    expect(await port.readFile(place.file, 'utf8')).toBe('first');
  });

  test('truncates a write to its first half and is silent from then on', async () => {
    await using place = await directory();
    const { fs: port, struck } = faultyFs(fs.promises, { at: 1, kind: 'truncate' });
    let ended = false;
    const end = () => {
      ended = true;
    };
    port.writeFile(place.file, Buffer.from('12345678')).then(end, end);
    await struck;
    port.readFile(place.file).then(end, end);
    await idle();
    expect(ended).toBe(false);
    expect(fs.readFileSync(place.file, 'utf8')).toBe('1234');
  });

  test('a function that cannot wait throws where others stop, and from then on', () => {
    const { fs: port } = faultyFs(fs, { at: 1, kind: 'stop' });
    expect(() => port.existsSync('/')).toThrow('injected');
    expect(() => port.existsSync('/')).toThrow('injected');
  });
});
