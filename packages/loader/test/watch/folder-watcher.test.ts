import { mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FolderWatcher } from '../../src/watch/folder-watcher.ts';
import { Inbox } from '../inbox.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a watched folder tells what is there, what appears, what changes and what goes', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'a.wasm'), '1');
  const told = new Inbox<string>();
  using _watcher = watchFolder(folder.path, told);
  expect(await told.next()).toBe('a: 1');
  await writeFile(join(folder.path, 'b.wasm'), '2');
  expect(await told.next()).toBe('b: 2');
  await writeFile(join(folder.path, 'a.wasm'), '3');
  expect(await told.next()).toBe('a: 3');
  await unlink(join(folder.path, 'b.wasm'));
  expect(await told.next()).toBe('b is gone');
  await writeFile(join(folder.path, 'b.wasm'), '4');
  expect(await told.next()).toBe('b: 4');
});

test('other endings and hidden files are left alone', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'a.txt'), '1');
  await writeFile(join(folder.path, '.a.wasm'), '2');
  await writeFile(join(folder.path, 'z.wasm'), '3');
  const told = new Inbox<string>();
  using watcher = watchFolder(folder.path, told);
  await watcher.quiet();

  expect(told.waiting).toEqual(['z: 3']);
});

test('a mounted config map is swapped as a whole', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, '..0'));
  await writeFile(join(folder.path, '..0', 'a.wasm'), 'a 0');
  await symlink('..0', join(folder.path, '..data'));
  await symlink('..data/a.wasm', join(folder.path, 'a.wasm'));
  const told = new Inbox<string>();
  using _watcher = watchFolder(folder.path, told);
  expect(await told.next()).toBe('a: a 0');

  await mkdir(join(folder.path, '..1'));
  await writeFile(join(folder.path, '..1', 'a.wasm'), 'a 1');
  await symlink('..1', join(folder.path, '..data_tmp'));
  await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'));
  await rm(join(folder.path, '..0'), { recursive: true });

  expect(await told.next()).toBe('a: a 1');
  expect(told.waiting).toEqual([]);
});

test('a folder may come later, go, and come back', async () => {
  await using parent = await temporaryFolder();
  const folder = join(parent.path, 'plugins');
  const told = new Inbox<string>();
  using watcher = watchFolder(folder, told);
  await watcher.quiet();
  await mkdir(folder);
  await writeFile(join(folder, 'a.wasm'), '1');
  expect(await told.next()).toBe('a: 1');
  await rm(folder, { recursive: true });
  expect(await told.next()).toBe('a is gone');
  await mkdir(folder);
  await writeFile(join(folder, 'a.wasm'), '2');
  expect(await told.next()).toBe('a: 2');
});

function watchFolder(folder: string, told: Inbox<string>): FolderWatcher & Disposable {
  const watcher = new FolderWatcher({
    folder,
    settleMs: 5,
    onFile: ({ name }, { bytes }) => told.put(`${name}: ${Buffer.from(bytes).toString()}`),
    onGone: ({ name }) => told.put(`${name} is gone`),
    onError: (error) => told.put(`error: ${String(error)}`),
  });
  return Object.assign(watcher, { [Symbol.dispose]: () => watcher.close() });
}
