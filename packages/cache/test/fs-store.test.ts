import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as nodeFs from 'node:fs';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { faultyFs } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { isEntryName } from '../src/cache-key.ts';
import { thisUser } from '../src/directory.ts';
import { clearCache } from '../src/directory-report.ts';
import { decodeHead, HEAD_BYTES } from '../src/entry.ts';
import { type FileSystem, realFileSystem } from '../src/file-system.ts';
import { FsStore } from '../src/fs-store.ts';
import { realPorts } from '../src/open.ts';
import {
  FROM_SOURCE,
  fixture,
  ManualClock,
  noDisk,
  runProgram,
  SOURCE_ENVIRONMENT,
  serializer,
  temporaryFolder,
} from './fixtures/setting.ts';

const storeIn = (directory: string, fs: FileSystem = realFileSystem): FsStore =>
  new FsStore({ directory, fs, user: thisUser() });
const text = (value: string): Uint8Array => Buffer.from(value);
const read = (store: FsStore, name: string): string | undefined => {
  const bytes = store.readWhole(name);
  return bytes && Buffer.from(bytes).toString();
};

describe('a file in the store', () => {
  test('is put whole, for its owner only, and read back', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    await store.put('a', [text('head '), text('body')]);
    expect(read(store, 'a')).toBe('head body');
    expect(statSync(join(folder.path, 'a')).mode & 0o777).toBe(0o600);
    expect(store.list()).toMatchObject([{ name: 'a', byteLength: 9 }]);
  });

  test('is replaced by another file, never changed in place', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    await store.put('a', [text('first')]);
    using before = store.open('a') as Exclude<ReturnType<FsStore['open']>, string | undefined>;
    await store.put('a', [text('second')]);
    expect(Buffer.from(before.readStart(100)).toString()).toBe('first');
    expect(read(store, 'a')).toBe('second');
  });

  test('is synchronised before it gets its name, and its directory afterwards', async () => {
    using folder = temporaryFolder();
    const faulty = faultyFs(nodeFs.promises);
    await storeIn(folder.path, { ...nodeFs, promises: faulty.fs }).put('a', [text('x')]);
    expect(faulty.operations).toEqual(['open', 'writeFile', 'sync', 'close', 'rename', 'open', 'sync', 'close']);
  });

  test('is kept from its place by an inspection that throws', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    await store.put('a', [text('good')]);
    const inspect = (path: string): void => {
      expect(readFileSync(path, 'utf8')).toBe('bad');
      throw new Error('no');
    };
    await expect(store.put('a', [text('bad')], { inspect })).rejects.toThrow('no');
    expect(read(store, 'a')).toBe('good');
    expect(readdirSync(folder.path)).toEqual(['a']);
  });

  test('that is not there is undefined, also in a directory that has vanished', () => {
    using folder = temporaryFolder();
    expect(storeIn(folder.path).open('a')).toBeUndefined();
    const vanished = storeIn(join(folder.path, 'gone'));
    expect([vanished.open('a'), vanished.remove('a'), vanished.list()]).toEqual([undefined, false, []]);
  });

  test('that is used is touched, at most once a minute, and also when it lies in the future', () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const now = Date.UTC(2030, 0, 1);
    const usedAfter = (usedMs: number): number => {
      writeFileSync(join(folder.path, 'a'), '', { mode: 0o600 });
      utimesSync(join(folder.path, 'a'), usedMs / 1000, usedMs / 1000);
      using file = store.open('a') as Exclude<ReturnType<FsStore['open']>, string | undefined>;
      file.touch(now);
      return statSync(join(folder.path, 'a')).mtimeMs;
    };
    expect(usedAfter(now - 59_000)).toBe(now - 59_000);
    expect(usedAfter(now - 61_000)).toBe(now);
    expect(usedAfter(now + 1e9)).toBe(now);
  });
});

describe('what must not be trusted is not opened', () => {
  test.each([
    ['a symbolic link', /ELOOP/, (path: string) => symlinkSync('target', path)],
    ['a directory', /is no file/, (path: string) => mkdirSync(path, { mode: 0o700 })],
    [
      'a file others can write to',
      /not ours alone/,
      (path: string) => writeFileSync(path, 'x', { mode: 0o600 }),
      0o620,
    ],
  ])('%s', (_, why, make, mode?: number) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'target'), 'x', { mode: 0o600 });
    make(join(folder.path, 'a'));
    if (mode !== undefined) chmodSync(join(folder.path, 'a'), mode);
    expect(storeIn(folder.path).open('a')).toMatch(why);
  });

  test('a file of somebody else', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a'), 'x', { mode: 0o600 });
    const store = new FsStore({ directory: folder.path, fs: realFileSystem, user: { uid: 123456 } });
    expect(store.open('a')).toMatch(/not ours alone/);
  });

  test('but a file that cannot be had for want of something else is just not there', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a'), 'x', { mode: 0o600 });
    const openSync = (): never => {
      throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    };
    expect(storeIn(folder.path, { ...nodeFs, openSync }).open('a')).toBeUndefined();
  });

  test('a pipe, and nobody waits for its other end', () => {
    using folder = temporaryFolder();
    const made = runCommand('mkfifo', ['-m', '600', join(folder.path, 'a')]);
    if (!made) return console.warn('skipped: there is no mkfifo here');
    expect(storeIn(folder.path).open('a')).toMatch(/is no file/);
  });

  test('every file that was opened is closed again', () => {
    using folder = temporaryFolder();
    const open = new Set<number>();
    const fs: FileSystem = {
      ...nodeFs,
      openSync: (...given) => {
        const fd = nodeFs.openSync(...given);
        open.add(fd);
        return fd;
      },
      closeSync: (fd) => {
        open.delete(fd);
        nodeFs.closeSync(fd);
      },
    };
    const store = storeIn(folder.path, fs);
    mkdirSync(join(folder.path, 'folder'));
    writeFileSync(join(folder.path, 'a'), 'x', { mode: 0o600 });
    for (const name of ['folder', 'a', 'missing']) store.readWhole(name);
    storeIn(folder.path, { ...fs, fstatSync: broken }).open('a');
    expect(open.size).toBe(0);
  });
});

describe('when writing fails', () => {
  // open, write, sync, close, rename; then the directory's open, sync, close. A close that fails is left out: the
  // faulty port would leave the file open, which a real one does not.
  test.each([1, 2, 3, 5, 6, 7])('at operation %i: old or new, nothing beside', async (at) => {
    using folder = temporaryFolder();
    await storeIn(folder.path).put('a', [text('old')]);
    const { fs: promises } = faultyFs(nodeFs.promises, { at, kind: 'fail', code: 'ENOSPC' });
    const failed = await storeIn(folder.path, { ...nodeFs, promises })
      .put('a', [text('new')])
      .then(
        () => false,
        () => true,
      );
    expect(read(storeIn(folder.path), 'a')).toBe(at <= 5 ? 'old' : 'new');
    expect(failed).toBe(at !== 7);
    expect(readdirSync(folder.path)).toEqual(['a']);
  });

  test('for a disk that is really full', async () => {
    using folder = temporaryFolder();
    const mounted = runCommand('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', folder.path]);
    if (!mounted) return console.warn('skipped: no file system can be mounted here; the faulty one stands for it');
    try {
      const store = storeIn(folder.path);
      await store.put('a', [new Uint8Array(20_000).fill(1)]);
      await expect(store.put('a', [new Uint8Array(200_000).fill(2)])).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(store.readWhole('a')?.byteLength).toBe(20_000);
      expect(readdirSync(folder.path)).toEqual(['a']);
    } finally {
      runCommand('umount', [folder.path]);
    }
  });

  test('in a directory that has vanished, the error says so and nothing is made', async () => {
    using folder = temporaryFolder();
    const gone = join(folder.path, 'gone');
    await expect(storeIn(gone).put('a', [text('x')])).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(gone)).toBe(false);
  });

  test('a second name of a file changes nothing', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    await store.put('a', [text('x')]);
    linkSync(join(folder.path, 'a'), join(folder.path, 'b'));
    await store.put('a', [text('y')]);
    expect([read(store, 'a'), read(store, 'b')]).toEqual(['y', 'x']);
  });
});

/** When nobody can be writing any more what a killed writer left. */
const AFTERWARDS = { ...realPorts, clock: new ManualClock(Date.now() + 2 * 3_600_000) };

describe.skipIf(noDisk)('when writers are killed', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('at operation %i of a write, what is there is whole', (step) => {
    using folder = temporaryFolder();
    expect(runProgram('writer-program.ts', [folder.path, '0', String(step)]).signal).toBe('SIGKILL');
    expectOnlyWhole(folder.path);
    expect(clearCache(folder.path, AFTERWARDS).files).toBeGreaterThan(0);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('200 times at random instants, 4 at once on one directory, what is there is whole', {
    timeout: 180_000,
  }, async () => {
    using folder = temporaryFolder();
    let kills = 0;
    await Promise.all(
      [0, 1, 2, 3].map(async (seed) => {
        while (kills < 200) {
          kills++;
          await killWriter(folder.path, seed, Math.random());
          expectOnlyWhole(folder.path);
        }
      }),
    );
    expect(readdirSync(folder.path).filter(isEntryName).length).toBeGreaterThan(0);
    clearCache(folder.path, AFTERWARDS);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

/** Lets a writer write some files, which takes it to a random instant of the next write, and kills it there. */
async function killWriter(directory: string, seed: number, random: number): Promise<void> {
  const program = [...FROM_SOURCE, fixture('writer-program.ts'), directory, String(seed)];
  const writer = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: SOURCE_ENVIRONMENT,
  });
  await once(writer.stdout, 'data');
  for (const until = performance.now() + random * 10; performance.now() < until; ) await new Promise(setImmediate);
  writer.kill('SIGKILL');
  await once(writer, 'exit');
}

function expectOnlyWhole(directory: string): void {
  const store = storeIn(directory);
  for (const { name } of store.list().filter((file) => isEntryName(file.name))) {
    const bytes = store.readWhole(name) ?? new Uint8Array();
    const head = decodeHead(bytes.subarray(0, HEAD_BYTES), bytes.byteLength, (data) => serializer().checksum(data));
    expect(head).toMatchObject({ payloadChecksum: serializer().checksum(bytes.subarray(HEAD_BYTES)) });
  }
}

function runCommand(command: string, given: readonly string[]): boolean {
  return spawnSync(command, given, { stdio: 'ignore' }).status === 0;
}

function broken(): never {
  throw Object.assign(new Error('EIO'), { code: 'EIO' });
}
