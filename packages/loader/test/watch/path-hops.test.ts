import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathHops } from '../../src/watch/path-hops.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the folders that decide where a path leads', () => {
  test('a plain file is decided by its own folder alone', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'a.wasm'), 'a');

    expect(await hopsOf(join(folder.path, 'a.wasm'))).toEqual({ [folder.path]: ['a.wasm'] });
  });

  test('every link on the way counts, as Kubernetes lays them', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, '..1'));
    await writeFile(join(folder.path, '..1', 'a.wasm'), 'a');
    await symlink('..1', join(folder.path, '..data'));
    await symlink('..data/a.wasm', join(folder.path, 'a.wasm'));

    expect(await hopsOf(join(folder.path, 'a.wasm'))).toEqual({
      [folder.path]: ['a.wasm', '..data'],
      [join(folder.path, '..1')]: ['a.wasm'],
    });
  });

  test('absolute links and steps upwards are followed', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'in'));
    await mkdir(join(folder.path, 'out'));
    await writeFile(join(folder.path, 'out', 'b.wasm'), 'b');
    await symlink(join(folder.path, 'in', '..', 'out'), join(folder.path, 'in', 'link'));
    await symlink('link/../out/b.wasm', join(folder.path, 'in', 'a.wasm'));

    expect(await hopsOf(join(folder.path, 'in', 'a.wasm'))).toEqual({
      [join(folder.path, 'in')]: ['a.wasm', 'link'],
      [join(folder.path, 'out')]: ['b.wasm'],
    });
  });

  test('a missing folder is awaited in the one above it', async () => {
    await using folder = await temporaryFolder();

    expect(await hopsOf(join(folder.path, 'no', 'such', 'a.wasm'))).toEqual({ [folder.path]: ['no'] });
  });

  test('a ring of links ends', async () => {
    await using folder = await temporaryFolder();
    await symlink('b', join(folder.path, 'a'));
    await symlink('a', join(folder.path, 'b'));

    expect(await hopsOf(join(folder.path, 'a'))).toEqual({ [folder.path]: ['a', 'b'] });
  });
});

async function hopsOf(path: string): Promise<Record<string, string[]>> {
  const hops = await pathHops(path);
  return Object.fromEntries([...hops].map(([folder, names]) => [folder, [...names]]));
}
