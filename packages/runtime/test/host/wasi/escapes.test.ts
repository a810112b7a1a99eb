import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OpenFolder } from '../../../src/host/wasi/open-folder.ts';
import { directoryOf, wasiGuest } from './wasi-guest.ts';

/** A granted directory beside one that nobody was granted; links of every kind lead from the one to the other. */
function granted(writable = true) {
  const top = mkdtempSync(join(tmpdir(), 'lockgate-wasi-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const [inside, outside] = [join(top, 'in'), join(top, 'out')];
  for (const folder of [inside, outside, join(inside, 'sub'), join(inside, 'sub/deep'), join(outside, 'folder')])
    mkdirSync(folder);
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(inside, 'file'), 'mine');
  writeFileSync(join(inside, 'sub/note'), 'note');
  const links = {
    absolute: join(outside, 'secret'),
    climbing: '../out/secret',
    'absolute-inside': join(inside, 'file'),
    'out-and-back': '../in/file',
    folder: '../out/folder',
    'absolute-folder': join(outside, 'folder'),
    root: '/',
    parent: '..',
    chain: 'climbing',
    loop: 'loop',
    'dangling-out': '../out/new',
    'dangling-in': 'sub/new',
    good: 'sub/note',
    'sub/up': '../file',
    'sub/up-too-far': '../../out/secret',
    'good-folder': 'sub/deep',
    process: '/proc/self/root',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(inside, name));
  const guest = wasiGuest(directoryOf(inside, writable));
  onTestFinished(() => guest.close());
  return { guest, inside, outside };
}

describe('a path that leads out of what was granted is refused', () => {
  test.each([
    ['..', 'perm'],
    ['../', 'perm'],
    ['../out/secret', 'perm'],
    ['./../out/secret', 'perm'],
    ['sub/../../out/secret', 'perm'],
    ['sub/deep/../../../out/secret', 'perm'],
    ['sub//..//..//out//secret', 'perm'],
    ['../in/file', 'perm'],
    ['../in', 'perm'],
    ['/', 'perm'],
    ['/etc/passwd', 'perm'],
    ['//etc/passwd', 'perm'],
    ['/proc/self/environ', 'perm'],
    ['absolute', 'perm'],
    ['climbing', 'perm'],
    ['absolute-inside', 'perm'],
    ['out-and-back', 'perm'],
    ['chain', 'perm'],
    ['folder', 'perm'],
    ['folder/', 'perm'],
    ['folder/.', 'perm'],
    ['folder/..', 'perm'],
    ['folder/../secret', 'perm'],
    ['absolute-folder/x', 'perm'],
    ['root/etc/passwd', 'perm'],
    ['parent/out/secret', 'perm'],
    ['parent', 'perm'],
    ['sub/up-too-far', 'perm'],
    ['good-folder/../../../out/secret', 'perm'],
    ['process/etc/passwd', 'perm'],
    ['dangling-out', 'perm'],
    ['loop', 'loop'],
    ['loop/x', 'loop'],
    ['file/', 'notdir'],
    ['file/.', 'notdir'],
    ['file/../file', 'notdir'],
    ['missing/../file', 'noent'],
    ['missing/../../out/secret', 'noent'],
    ['', 'noent'],
    ['a\0b', 'inval'],
    ['x'.repeat(5_000), 'nametoolong'],
    ['x'.repeat(300), 'nametoolong'],
  ])('%j', (path, errno) => {
    const { guest, outside } = granted();
    expect(guest.open(path)).toBe(errno);
    expect(guest.stat(path)).toBe(errno);
    expect(typeof guest.open(path, { write: true, create: true, truncate: true })).toBe('string');
    expect(guest.open(path, { directory: true })).toBe(errno);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(readdirSync(outside).sort()).toEqual(['folder', 'secret']);
  });

  test.each([
    ['path_create_directory', '../out/made', 'perm'],
    ['path_create_directory', 'folder/made', 'perm'],
    ['path_remove_directory', '../out/folder', 'perm'],
    ['path_remove_directory', 'parent/out/folder', 'perm'],
    ['path_remove_directory', 'folder', 'notdir'],
    ['path_remove_directory', '.', 'inval'],
    ['path_unlink_file', '../out/secret', 'perm'],
    ['path_unlink_file', 'parent/out/secret', 'perm'],
    ['path_unlink_file', 'sub', 'isdir'],
  ])('%s %s', (name, path, errno) => {
    const { guest, outside } = granted();
    expect(guest.onPath(name, path)).toBe(errno);
    expect(readdirSync(outside).sort()).toEqual(['folder', 'secret']);
  });

  test('also at either end of a move or a second name', () => {
    const { guest, inside, outside } = granted();
    for (const there of ['../out/moved', 'folder/moved', 'parent/out/moved', 'absolute-folder/moved', '/moved'])
      for (const move of [guest.rename, guest.link]) {
        expect(move('file', there)).toBe('perm');
        expect(move(there.replace('moved', 'secret'), 'mine')).toBe('perm');
      }
    expect(guest.link('climbing', 'mine', 3, true)).toBe('perm');
    expect(guest.link('climbing', 'mine')).toBe('perm'); // a second name of the link itself
    expect(readdirSync(outside).sort()).toEqual(['folder', 'secret']);
    expect(readdirSync(inside)).not.toContain('mine');
  });

  test('a guest makes no links, which others would follow', () => {
    const { guest, inside } = granted();
    expect(guest.symlink('file', 'mine')).toBe('perm');
    expect(guest.symlink('/etc/passwd', 'mine')).toBe('perm');
    expect(readdirSync(inside)).not.toContain('mine');
  });
});

test('links that stay inside are followed, and dots that do', () => {
  const { guest } = granted();
  expect(guest.read(guest.open('good'))).toBe('note');
  expect(guest.read(guest.open('sub/up'))).toBe('mine');
  expect(guest.read(guest.open('sub/deep/../note'))).toBe('note');
  expect(guest.read(guest.open('good-folder/../note'))).toBe('note');
  expect(guest.readlink('climbing')).toBe('../out/secret');
  expect(guest.open('good', { noFollow: true })).toBe('loop');
  expect(typeof guest.open('dangling-in', { write: true, create: true })).toBe('number');
});

test.skipIf(process.platform !== 'linux')(
  'what was opened inside stays the root of its own paths, wherever it is moved',
  () => {
    const { guest, inside, outside } = granted();
    const deep = guest.open('sub/deep', { directory: true });
    renameSync(join(inside, 'sub/deep'), join(outside, 'deep'));
    expect(guest.open('../secret', {}, Number(deep))).toBe('perm');
    symlinkSync(outside, join(outside, 'deep/link'));
    expect(guest.open('link/secret', {}, Number(deep))).toBe('perm');
  },
);

test.skipIf(process.platform !== 'linux')('a name that has become a link since it was looked at is not entered', () => {
  const { inside } = granted();
  const root = OpenFolder.root(inside);
  onTestFinished(() => root.close());
  for (const name of ['folder', 'absolute-folder', 'parent', 'good-folder'])
    expect(() => root.enter(name)).toThrow('ENOTDIR');
  root.enter('sub').close();
});

test('of a directory granted for reading nothing is changed, whatever is asked', () => {
  const { guest, inside } = granted(false);
  const seen = (): readonly string[] => ['.', 'sub'].flatMap((folder) => readdirSync(join(inside, folder)).sort());
  const before = seen();
  expect(guest.read(guest.open('file'))).toBe('mine');
  for (const how of [{ write: true }, { truncate: true }, { create: true, write: true }])
    expect(guest.open('file', how)).toBe('rofs');
  expect(guest.open('new', { create: true })).toBe('rofs');
  expect(guest.onPath('path_create_directory', 'made')).toBe('rofs');
  expect(guest.onPath('path_remove_directory', 'sub/deep')).toBe('rofs');
  expect(guest.onPath('path_unlink_file', 'file')).toBe('rofs');
  expect(guest.rename('file', 'other')).toBe('rofs');
  expect(guest.link('file', 'other')).toBe('rofs');
  expect(guest.symlink('file', 'other')).toBe('rofs');
  const fd = Number(guest.open('file'));
  expect(guest.write(fd, 'x')).toBe('badf');
  expect(guest.call('fd_filestat_set_size', fd, 0n)).toBe('badf');
  expect(guest.call('fd_allocate', fd, 0n, 100n)).toBe('badf');
  expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 5)).toBe('badf');
  expect(guest.call('fd_filestat_set_times', Number(guest.open('sub')), 0n, 0n, 5)).toBe('rofs');
  expect(seen()).toEqual(before);
  expect(readFileSync(join(inside, 'file'), 'utf8')).toBe('mine');
});

test('nothing moves from, or gets a second name in, a directory that may only be read', () => {
  const { inside } = granted();
  const { inside: other } = granted();
  const guest = wasiGuest(directoryOf(inside, true), directoryOf(other, false));
  onTestFinished(() => guest.close());
  expect(guest.rename('file', 'moved', 4)).toBe('rofs');
  expect(guest.link('file', 'second', 4)).toBe('rofs');
  const reversed = wasiGuest(directoryOf(other, false), directoryOf(inside, true));
  onTestFinished(() => reversed.close());
  expect(reversed.link('file', 'second', 4)).toBe('rofs'); // it could be written to by that name
});

test('a file with a second name outside is a file like any other: who granted the directory put it there', () => {
  const { guest, inside, outside } = granted();
  linkSync(join(outside, 'secret'), join(inside, 'second'));
  expect(guest.read(guest.open('second'))).toBe('secret');
});
