import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModule, UnreadableFileError } from '../src/read-module.ts';

test('a file is read whole, whatever its length, and what is not there is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
  try {
    const path = join(folder, 'x.wasm');
    for (const byteLength of [0, 1, 700_000]) {
      const written = randomBytes(byteLength);
      await writeFile(path, written);
      expect(Buffer.from(await readModule(path)).equals(written)).toBe(true);
    }
    await expect(readModule(join(folder, 'none.wasm'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readModule(folder)).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(readModule(path, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a reading that is ended while the file has no bytes yet is an error of its caller, and of nobody else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
  const escaped: unknown[] = [];
  const keep = (error: unknown): void => void escaped.push(error);
  process.prependListener('unhandledRejection', keep);
  try {
    const path = join(folder, 'x.wasm');
    await writeFile(path, '');
    // Ended between the look at the file and the reading of it.
    const signal = { ...AbortSignal.abort(), throwIfAborted: () => {}, aborted: true, reason: new Error('gone') };
    await expect(readModule(path, signal as unknown as AbortSignal)).rejects.toMatchObject({ code: 'ABORT_ERR' });
    expect(escaped).toEqual([]);
  } finally {
    process.off('unhandledRejection', keep);
    await rm(folder, { recursive: true });
  }
});

test.skipIf(process.platform !== 'linux')(
  'what does not say how long it is is read to its end (skipped elsewhere than on Linux)',
  async () => {
    const path = '/proc/self/cmdline';
    await using file = await open(path);
    expect((await file.stat()).size).toBe(0);
    expect(Buffer.from(await readModule(path))).toEqual(await readFile(path));
  },
);

test.skipIf(process.platform === 'win32')(
  'a pipe is not waited for, and a device is not read (skipped on Windows)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
    try {
      const pipe = join(folder, 'x.wasm');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, '/dev/zero']) await expect(readModule(path)).rejects.toThrow(UnreadableFileError);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test.skipIf(process.platform === 'win32')(
  'what is no module by its size or kind is refused in words, at once (skipped on Windows)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
    const server = createServer();
    try {
      const [large, loop, socket, closed] = ['large', 'loop', 'socket', 'closed'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
        string,
      ];
      await writeFile(large, '');
      await truncate(large, 5_000_000_000);
      await symlink(loop, loop);
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      await writeFile(closed, 'x');
      await chmod(closed, 0);
      const refused: readonly (readonly [string, RegExp])[] = [
        [large, /it has 5000000000 bytes, and a module has at most 268435456; check/],
        [loop, /its links lead in a circle; name the file itself/],
        [socket, /it is a socket or a device, not a file/],
        [folder, /it is a folder; name a file in it/],
        [join(large, 'x'), /a part of its path is no directory/],
        [join(folder, 'n'.repeat(300)), /longer than the system takes/],
        ...(process.getuid?.() === 0 ? [] : ([[closed, /access is denied; let the user/]] as const)),
      ];
      for (const [path, problem] of refused) {
        const error = await readModule(path).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(UnreadableFileError);
        expect((error as Error).message).toMatch(problem);
        expect((error as Error).message).toContain(path);
      }
    } finally {
      server.close();
      await rm(folder, { recursive: true });
    }
  },
);
