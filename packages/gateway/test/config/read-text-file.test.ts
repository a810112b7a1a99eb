import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTextFile } from '../../src/config/read-text-file.ts';

async function fileOf(bytes: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-text-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), bytes);
  return join(folder, 'file');
}

test.skipIf(process.platform === 'win32')('a device that never ends is given up at 16 MiB', async () => {
  await expect(readTextFile('/dev/zero')).rejects.toThrow('larger than 16 MiB');
});

test('bytes that are no text are told with their line, and not read as other characters', async () => {
  const latin1 = await fileOf(Buffer.from('{\n"a": "n\xf6de"\n}', 'latin1'));
  await expect(readTextFile(latin1)).rejects.toThrow('it is no UTF-8 in line 2; save it as UTF-8');
});

test.each(['utf8', 'utf16le'] as const)(
  'a text in %s with its byte order mark is read without it',
  async (encoding) => {
    expect(await readTextFile(await fileOf(Buffer.from('\uFEFF{"a": "nöde"}', encoding)))).toBe('{"a": "nöde"}');
  },
);
