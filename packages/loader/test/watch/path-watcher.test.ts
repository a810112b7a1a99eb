import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PathWatcher, type PathWatcherOptions } from '../../src/watch/path-watcher.ts';
import { Inbox } from '../inbox.ts';
import { type TemporaryFolder, temporaryFolder } from '../temporary-folder.ts';

/** Each way in which editors, compilers and deployments replace a file: how it is laid out first, and how it is replaced. */
const ways: readonly {
  readonly name: string;
  readonly lay: (folder: string) => Promise<void>;
  readonly replace: (folder: string, round: number) => Promise<void>;
  readonly file?: string;
}[] = [
  {
    name: 'written in place',
    lay: (folder) => writeFile(join(folder, 'a.wasm'), 'version 0'),
    replace: (folder, round) => writeFile(join(folder, 'a.wasm'), `version ${round}`),
  },
  {
    name: 'written beside and renamed',
    lay: (folder) => writeFile(join(folder, 'a.wasm'), 'version 0'),
    async replace(folder, round) {
      await writeFile(join(folder, '.a.tmp'), `version ${round}`);
      await rename(join(folder, '.a.tmp'), join(folder, 'a.wasm'));
    },
  },
  {
    name: 'deleted and created again',
    lay: (folder) => writeFile(join(folder, 'a.wasm'), 'version 0'),
    async replace(folder, round) {
      await unlink(join(folder, 'a.wasm'));
      await writeFile(join(folder, 'a.wasm'), `version ${round}`);
    },
  },
  {
    name: 'moved to a backup and written again',
    lay: (folder) => writeFile(join(folder, 'a.wasm'), 'version 0'),
    async replace(folder, round) {
      await rename(join(folder, 'a.wasm'), join(folder, 'a.wasm~'));
      await writeFile(join(folder, 'a.wasm'), `version ${round}`);
    },
  },
  {
    name: 'a link pointed at another file',
    async lay(folder) {
      await writeFile(join(folder, 'a-0.wasm'), 'version 0');
      await symlink('a-0.wasm', join(folder, 'a.wasm'));
    },
    async replace(folder, round) {
      await writeFile(join(folder, `a-${round}.wasm`), `version ${round}`);
      await symlink(`a-${round}.wasm`, join(folder, 'next'));
      await rename(join(folder, 'next'), join(folder, 'a.wasm'));
    },
  },
  {
    name: 'a linked folder swapped, as Kubernetes does, the old one kept',
    lay: (folder) => layConfigMap(folder),
    replace: (folder, round) => swapConfigMap(folder, round),
  },
  {
    name: 'a linked folder swapped, as Kubernetes does, the old one deleted',
    lay: (folder) => layConfigMap(folder),
    async replace(folder, round) {
      await swapConfigMap(folder, round);
      await rm(join(folder, `..${round - 1}`), { recursive: true });
    },
  },
  {
    name: 'its folder deleted and created again',
    file: 'in/a.wasm',
    async lay(folder) {
      await mkdir(join(folder, 'in'));
      await writeFile(join(folder, 'in', 'a.wasm'), 'version 0');
    },
    async replace(folder, round) {
      await rm(join(folder, 'in'), { recursive: true });
      await mkdir(join(folder, 'in'));
      await writeFile(join(folder, 'in', 'a.wasm'), `version ${round}`);
    },
  },
  {
    name: 'its folder swapped by rename',
    file: 'in/a.wasm',
    async lay(folder) {
      await mkdir(join(folder, 'in'));
      await writeFile(join(folder, 'in', 'a.wasm'), 'version 0');
    },
    async replace(folder, round) {
      await mkdir(join(folder, 'next'));
      await writeFile(join(folder, 'next', 'a.wasm'), `version ${round}`);
      await rename(join(folder, 'in'), join(folder, `old-${round}`));
      await rename(join(folder, 'next'), join(folder, 'in'));
    },
  },
];

describe('a watched path tells of a file', () => {
  for (const way of ways) {
    test(`${way.name}, three times over`, async () => {
      await using folder = await temporaryFolder();
      await way.lay(folder.path);
      const told = new Inbox<string>();
      using _watcher = watchTexts(folder, told, way.file === undefined ? {} : { path: join(folder.path, way.file) });
      expect(await told.next()).toBe('version 0');

      for (const round of [1, 2, 3]) {
        await way.replace(folder.path, round);
        expect(await told.next()).toBe(`version ${round}`);
      }
    });
  }

  test('that did not exist when the watching began', async () => {
    await using folder = await temporaryFolder();
    const told = new Inbox<string>();
    using _watcher = watchTexts(folder, told, { path: join(folder.path, 'deep', 'down', 'a.wasm') });
    await mkdir(join(folder.path, 'deep', 'down'), { recursive: true });
    await writeFile(join(folder.path, 'deep', 'down', 'a.wasm'), 'here');

    expect(await told.next()).toBe('here');
  });

  test('that is gone', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'a.wasm'), 'here');
    const told = new Inbox<string>();
    using _watcher = watchTexts(folder, told, { onGone: () => told.put('gone') });
    expect(await told.next()).toBe('here');
    await unlink(join(folder.path, 'a.wasm'));

    expect(await told.next()).toBe('gone');
  });
});

describe('a watched path keeps quiet', () => {
  test('about a file that is written again with the same bytes', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.wasm');
    await writeFile(path, 'same');
    const told = new Inbox<string>();
    using _watcher = watchTexts(folder, told);
    expect(await told.next()).toBe('same');
    await writeFile(path, 'same');
    await writeFile(path, 'other');

    expect(await told.next()).toBe('other');
    expect(told.waiting).toEqual([]);
  });

  test('about a half-written file, until two looks have found the same bytes', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.wasm');
    const told = new Inbox<string>();
    const pauses = new Inbox<() => void>();
    const delay = (): Promise<void> => new Promise((resolve) => pauses.put(resolve));
    await writeFile(path, 'begin');
    using _watcher = watchTexts(folder, told, { delay });

    const first = await pauses.next(); // it has seen "begin", and waits
    await appendFile(path, ', middle');
    first();
    const second = await pauses.next(); // it has seen "begin, middle", and waits
    await appendFile(path, ', end');
    second();
    const third = await pauses.next();
    expect(told.waiting).toEqual([]);
    third();

    expect(await told.next()).toBe('begin, middle, end');
  });

  test('about an empty file, which somebody is about to write', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.wasm');
    await writeFile(path, '');
    const told = new Inbox<string>();
    using watcher = watchTexts(folder, told, { onGone: () => told.put('gone') });
    await watcher.quiet();
    expect(told.waiting).toEqual([]);
    await writeFile(path, 'now');

    expect(await told.next()).toBe('now');
  });

  test.skipIf(process.platform === 'win32')('about a pipe, whose writer may never come', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.wasm');
    execFileSync('mkfifo', [path]);
    const told = new Inbox<string>();
    using watcher = watchTexts(folder, told, { onGone: () => told.put('gone') });
    await watcher.quiet();
    expect(told.waiting).toEqual([]);
    await unlink(path);
    await writeFile(path, 'now');

    expect(await told.next()).toBe('now');
  });

  test('after it was closed, even in the middle of a look', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'a.wasm'), 'here');
    const told = new Inbox<string>();
    const pauses = new Inbox<() => void>();
    const delay = (): Promise<void> => new Promise((resolve) => pauses.put(resolve));
    using watcher = watchTexts(folder, told, { delay });
    const goOn = await pauses.next();
    watcher.close();
    goOn();
    await watcher.quiet();

    expect(told.waiting).toEqual([]);
  });
});

test('a path that cannot be read is an error, and not "gone"', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'a.wasm');
  await writeFile(path, 'here');
  const told = new Inbox<string>();
  const onError = (error: unknown): void => told.put(`error ${(error as NodeJS.ErrnoException).code}`);
  const faulty = { path: `${path}\0`, onError, onGone: () => told.put('gone') };
  using _watcher = watchTexts(folder, told, faulty);

  expect(await told.next()).toMatch(/^error ERR_INVALID_ARG_VALUE$/);
});

function watchTexts(
  folder: TemporaryFolder,
  told: Inbox<string>,
  options: Partial<PathWatcherOptions> = {},
): PathWatcher & Disposable {
  const watcher = new PathWatcher({
    path: join(folder.path, 'a.wasm'),
    settleMs: 5,
    onChange: ({ bytes }) => told.put(Buffer.from(bytes).toString()),
    onError: (error) => told.put(`error: ${String(error)}`),
    ...options,
  });
  return Object.assign(watcher, { [Symbol.dispose]: () => watcher.close() });
}

async function layConfigMap(folder: string): Promise<void> {
  await mkdir(join(folder, '..0'));
  await writeFile(join(folder, '..0', 'a.wasm'), 'version 0');
  await symlink('..0', join(folder, '..data'));
  await symlink('..data/a.wasm', join(folder, 'a.wasm'));
}

async function swapConfigMap(folder: string, round: number): Promise<void> {
  await mkdir(join(folder, `..${round}`));
  await writeFile(join(folder, `..${round}`, 'a.wasm'), `version ${round}`);
  await symlink(`..${round}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}
