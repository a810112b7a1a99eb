import { execFileSync } from 'node:child_process';
import {
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { directoryOf, wasiGuest } from './wasi-guest.ts';

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function granted() {
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-wasi-'));
  const guest = wasiGuest(directoryOf(folder, true));
  onTestFinished(() => {
    guest.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { guest, folder, text: (name: string) => readFileSync(join(folder, name), 'utf8') };
}

test('what is written is there, at the place where it was written', () => {
  const { guest, text } = granted();
  const fd = Number(guest.open('a', { write: true, create: true, exclusive: true }));
  expect(guest.open('a', { write: true, create: true, exclusive: true })).toBe('exists');
  guest.write(fd, 'hello world');
  expect(guest.call('fd_seek', fd, -5n, 2, 128)).toBe('ok');
  expect(guest.view.getBigUint64(128, true)).toBe(6n);
  guest.write(fd, 'W');
  expect(guest.call('fd_tell', fd, 128)).toBe('ok');
  expect(guest.view.getBigUint64(128, true)).toBe(7n);
  expect(guest.read(fd)).toBe('orld');
  expect(guest.call('fd_pread', fd, 0, 1, 1n, 64)).toBe('ok');
  expect(guest.call('fd_seek', fd, -20n, 1, 128)).toBe('inval');
  expect(text('a')).toBe('hello World');
  expect(guest.call('fd_filestat_set_size', fd, 5n)).toBe('ok');
  expect(text('a')).toBe('hello');
  guest.call('fd_allocate', fd, 0n, 3n);
  expect(text('a')).toBe('hello');
  guest.call('fd_allocate', fd, 4n, 4n);
  expect(text('a')).toBe('hello\0\0\0');
});

test('who makes a file that must be new makes none where a link leads', () => {
  const { guest, folder } = granted();
  symlinkSync('target', join(folder, 'link'));
  mkdirSync(join(folder, 'd'));
  for (const noFollow of [false, true])
    for (const name of ['link', 'd'])
      expect(guest.open(name, { write: true, create: true, exclusive: true, noFollow })).toBe('exists');
  expect(readdirSync(folder).sort()).toEqual(['d', 'link']);
  expect(typeof guest.open('link', { write: true, create: true })).toBe('number');
  expect(readdirSync(folder).sort()).toEqual(['d', 'link', 'target']);
});

test('nothing is done at a place that the system cannot be told', () => {
  const { guest, folder, text } = granted();
  writeFileSync(join(folder, 'a'), 'hello');
  const fd = Number(guest.open('a', { write: true }));
  guest.read(fd, 1); // so that there is a byte to be moved
  for (const offset of [2n ** 53n, 2n ** 63n - 1n, -1n]) {
    expect(guest.call('fd_pwrite', fd, 0, 1, offset, 64)).toBe('fbig');
    expect(guest.call('fd_pread', fd, 0, 1, offset, 64)).toBe('fbig');
    expect(guest.call('fd_filestat_set_size', fd, offset)).toBe('fbig');
    expect(guest.call('fd_allocate', fd, offset, 1n)).toBe('fbig');
  }
  expect(text('a')).toBe('hello');
});

test('a path that says that it is a directory is not made a file, and a directory is not removed as its own entry', () => {
  const { guest, folder, text } = granted();
  writeFileSync(join(folder, 'file'), 'f');
  mkdirSync(join(folder, 'sub'));
  for (const to of ['q/', 'file/', 'q/.']) expect(guest.rename('file', to)).toBe('notdir');
  expect(text('file')).toBe('f');
  for (const path of ['sub/.', 'sub/./', './.']) expect(guest.onPath('path_remove_directory', path)).toBe('inval');
  expect(guest.rename('sub', 'moved/')).toBe('ok');
  expect(guest.onPath('path_remove_directory', './moved/')).toBe('ok');
});

test.skipIf(process.platform === 'win32')(
  'a slash behind a link asks for what it leads to, whether or not links are followed',
  () => {
    const { guest, folder } = granted();
    writeFileSync(join(folder, 'file'), 'f');
    mkdirSync(join(folder, 'sub'));
    const links = { 'to-sub': 'sub', 'to-file': 'file', dangling: 'nowhere', round: 'round', out: '../elsewhere' };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
    for (const end of ['/', '/.', '//']) {
      expect([guest.stat(`to-sub${end}`, false), guest.readlink(`to-sub${end}`)]).toEqual(['ok', 'inval']);
      expect(guest.open(`to-sub${end}`, { noFollow: true })).toBeTypeOf('number');
      for (const [name, errno] of [
        ['file', 'notdir'],
        ['to-file', 'notdir'],
        ['dangling', 'noent'],
        ['round', 'loop'],
        ['out', 'perm'],
      ] as const) {
        const path = `${name}${end}`;
        expect([guest.stat(path, false), guest.open(path, { noFollow: true }), guest.readlink(path)]).toEqual(
          Array(3).fill(errno),
        );
      }
    }
    expect(guest.readlink('to-sub')).toBe('sub');
    // Nothing is made in the place of what such a path names, nor removed there.
    for (const path of ['new/', 'file/', 'to-file/', 'dangling/'])
      expect(guest.open(path, { create: true, write: true })).toBe('isdir');
    expect(guest.onPath('path_remove_directory', 'to-sub/')).toBe('notdir');
    expect(guest.onPath('path_unlink_file', 'to-file/')).toBe('notdir');
    expect(readdirSync(folder).sort()).toEqual([...Object.keys(links), 'file', 'sub'].sort());
  },
);

test('a time before 1970 is told as its beginning', () => {
  const { guest, folder } = granted();
  writeFileSync(join(folder, 'old'), '');
  utimesSync(join(folder, 'old'), new Date(-5_000), new Date(-500));
  expect(guest.stat('old')).toBe('ok');
  expect([40, 48].map((at) => guest.view.getBigUint64(64 + at, true))).toEqual([0n, 0n]);
  const fd = Number(guest.open('old', { write: true }));
  expect(guest.call('fd_filestat_set_times', fd, 1_000_000_000n, 0n, 1)).toBe('ok');
  expect(statSync(join(folder, 'old')).mtimeMs, 'stays where the other time is set').toBe(-500);
});

test('who appends writes to the end, also when others have written meanwhile', () => {
  const { guest, folder, text } = granted();
  writeFileSync(join(folder, 'log'), 'a');
  const fd = Number(guest.open('log', { write: true, append: true }));
  guest.write(fd, 'b');
  writeFileSync(join(folder, 'log'), 'c', { flag: 'a' });
  guest.write(fd, 'd');
  expect(text('log')).toBe('abcd');
  const other = Number(guest.open('log', { write: true }));
  guest.call('fd_fdstat_set_flags', other, 1);
  guest.write(other, 'e');
  expect(text('log')).toBe('abcde');
});

test('a listing comes whole, in whatever pieces it is read', () => {
  const { guest, folder } = granted();
  const names = Array.from({ length: 40 }, (_, index) => `file-${index}-${'é'.repeat(index)}`);
  for (const name of names) writeFileSync(join(folder, name), '');
  for (const piece of [200, 333, 4_096]) {
    expect([...guest.list(3, piece)].sort()).toEqual(['.', '..', ...names].sort());
  }
});

test('times can be set, and the rest of what is known of a file is told', () => {
  const { guest, folder } = granted();
  writeFileSync(join(folder, 'a'), 'hello');
  const fd = Number(guest.open('a', { write: true }));
  expect(guest.call('fd_filestat_set_times', fd, 1_000_000_000n, 2_000_000_000n, 5)).toBe('ok');
  expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 3)).toBe('inval'); // set, and now
  expect(guest.stat('a')).toBe('ok');
  const { view } = guest;
  expect([view.getUint8(64 + 16), view.getBigUint64(64 + 32, true)]).toEqual([4, 5n]);
  expect([view.getBigUint64(64 + 40, true), view.getBigUint64(64 + 48, true)]).toEqual([
    1_000_000_000n,
    2_000_000_000n,
  ]);
  expect(statSync(join(folder, 'a')).mtimeMs).toBe(2_000);
});

test('times can be set of a directory, and of a file that is open to be read', () => {
  const { guest, folder } = granted();
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'a'), 'hello');
  for (const name of ['d', 'a']) {
    expect(guest.call('fd_filestat_set_times', Number(guest.open(name)), 0n, 3_000_000_000n, 4)).toBe('ok');
    expect(statSync(join(folder, name)).mtimeMs).toBe(3_000);
  }
});

test.skipIf(process.platform !== 'linux')('a file is opened to be written through where a guest says so', () => {
  const { guest, folder } = granted();
  writeFileSync(join(folder, 'a'), '');
  const opened = (): readonly string[] =>
    readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`) === join(folder, 'a'));
  expect(typeof guest.open('a', { write: true, sync: true })).toBe('number');
  const [flags = ''] = opened().map((fd) => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  const octal = /flags:\s*(\d+)/.exec(flags)?.[1] ?? '';
  expect(Number.parseInt(octal, 8) & constants.O_SYNC).toBe(constants.O_SYNC);
});

test('directories and files are made, moved and removed', () => {
  const { guest, text } = granted();
  expect(guest.onPath('path_create_directory', 'd/')).toBe('ok');
  expect(guest.onPath('path_create_directory', 'd')).toBe('exists');
  guest.write(guest.open('d/a', { write: true, create: true }), 'x');
  expect(guest.onPath('path_remove_directory', 'd')).toBe('notempty');
  expect(guest.rename('d/a', 'b')).toBe('ok');
  expect(guest.link('b', 'c')).toBe('ok');
  expect(text('c')).toBe('x');
  expect(guest.onPath('path_unlink_file', 'b')).toBe('ok');
  expect(guest.onPath('path_remove_directory', 'd')).toBe('ok');
  expect(guest.stat('b')).toBe('noent');
  expect(guest.rename('b', 'e')).toBe('noent');
});

test('a directory is opened to be listed, not to be written to', () => {
  const { guest, folder } = granted();
  mkdirSync(join(folder, 'd'));
  expect(typeof guest.open('d')).toBe('number');
  expect(typeof guest.open('d', { directory: true, write: true })).toBe('number'); // many ask for all rights
  expect(guest.open('d', { write: true })).toBe('isdir');
  expect(guest.open('d', { create: true })).toBe('isdir');
  expect(guest.read(guest.open('d'))).toBe('badf');
});

test.skipIf(process.platform === 'win32')('a pipe is not opened: nobody may ever write to it', () => {
  const { guest, folder } = granted();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(guest.open('pipe')).toBe('access');
  expect(guest.open('pipe', { write: true })).toBe('access');
});

test('so many files may be open, and closing one makes room', () => {
  const { guest, folder } = granted();
  writeFileSync(join(folder, 'a'), '');
  const opened = Array.from({ length: 200 }, () => guest.open('a'));
  expect(opened.filter((fd) => typeof fd === 'number')).toHaveLength(124); // three streams and the directory are there
  expect(opened.at(-1)).toBe('33');
  expect(guest.call('fd_close', 50)).toBe('ok');
  expect(guest.open('a')).toBe(50);
  expect(guest.call('fd_renumber', 50, 51)).toBe('ok');
  expect(guest.call('fd_close', 50)).toBe('badf');
});
