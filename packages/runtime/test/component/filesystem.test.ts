import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { FileSystem } from '../../src/component/filesystem.ts';
import { HostMemory } from '../../src/component/host-memory.ts';
import { NodeDirectory } from '../../src/host/wasi/node-directory.ts';
import { OpenFolder } from '../../src/host/wasi/open-folder.ts';
import { openPlugin } from '../open-plugin.ts';

type Answer = { readonly tag: string; readonly val?: unknown };
type Call = (...args: unknown[]) => Answer;

const FOLLOW = 1;
const [CREATE, DIRECTORY, TRUNCATE] = [1, 2, 8];
const [READ, WRITE, MUTATE_DIRECTORY] = [1, 2, 32];
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A guest with one directory, in which lie `a.txt`, `sub/b.txt` and links out of it. */
function guestOf(writable: boolean) {
  const outside = mkdtempSync(join(tmpdir(), 'lockgate-outside-'));
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  const folder = mkdtempSync(join(tmpdir(), 'lockgate-granted-'));
  writeFileSync(join(folder, 'a.txt'), 'hello');
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'b.txt'), 'b');
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'file-link'));
  symlinkSync(outside, join(folder, 'folder-link'));
  symlinkSync('a.txt', join(folder, 'own-link'));
  const place = OpenFolder.placeOf(folder);
  const files = new FileSystem([() => NodeDirectory.granted({ path: folder, place, writable })], new HostMemory(0));
  const of = (name: string): Call => files.interfaces['wasi:filesystem/types']?.[name] as Call;
  const directories = files.interfaces['wasi:filesystem/preopens']?.['get-directories'] as unknown as () => unknown[][];
  const [root, grantedAs] = directories()[0] as [unknown, string];
  const open = (path: string, how = 0, flags = READ, follow = FOLLOW): Answer =>
    of('[method]descriptor.open-at')(root, follow, path, how, flags);
  return { files, of, root, directories, grantedAs, open, folder, [Symbol.dispose]: () => files.close() };
}

describe('the file system of a component', () => {
  test.each([
    [false, READ],
    [true, READ | MUTATE_DIRECTORY],
  ])('says of a directory whether it may be changed: %s', (writable, flags) => {
    using guest = guestOf(writable);
    const flagsOf = guest.of('[method]descriptor.get-flags');
    expect(flagsOf(guest.root)).toEqual({ tag: 'ok', val: flags });
    const sub = guest.open('sub', DIRECTORY, READ | MUTATE_DIRECTORY);
    expect(flagsOf(sub.val)).toEqual({ tag: 'ok', val: flags });
    expect(flagsOf(guest.open('sub', DIRECTORY, READ).val)).toEqual({ tag: 'ok', val: READ });
  });

  test('has what was granted, under its own name, and reads files and directories', () => {
    using guest = guestOf(false);
    expect(guest.grantedAs).toBe(guest.folder);
    const file = guest.open('a.txt').val;
    expect(guest.of('[method]descriptor.read')(file, 100n, 1n)).toEqual({ tag: 'ok', val: [text('ello'), false] });
    expect(guest.of('[method]descriptor.read')(file, 100n, 5n)).toEqual({ tag: 'ok', val: [text(''), true] });
    expect(guest.of('[method]descriptor.stat')(file)).toMatchObject({
      tag: 'ok',
      val: { type: 'regular-file', size: 5n },
    });
    const stream = guest.of('[method]descriptor.read-via-stream')(file, 0n).val as { read(most: bigint): Answer };
    expect([stream.read(3n), stream.read(3n), stream.read(3n).tag]).toEqual([
      { tag: 'ok', val: text('hel') },
      { tag: 'ok', val: text('lo') },
      'err',
    ]);
    const names = new Set<unknown>();
    const entries = guest.of('[method]descriptor.read-directory')(guest.root).val;
    const next = (): Answer => guest.of('[method]directory-entry-stream.read-directory-entry')(entries);
    for (let entry = next(); entry.val !== undefined; entry = next()) names.add((entry.val as { name: string }).name);
    expect(names).toEqual(new Set(['a.txt', 'sub', 'file-link', 'folder-link', 'own-link']));
    expect(guest.open('own-link').tag).toBe('ok');
  });

  test.each([
    ['..', 'not-permitted'],
    ['sub/../../x', 'not-permitted'],
    ['/etc/passwd', 'not-permitted'],
    ['file-link', 'not-permitted'],
    ['folder-link/secret.txt', 'not-permitted'],
    ['sub/../folder-link/secret.txt', 'not-permitted'],
    ['none.txt', 'no-entry'],
    ['a.txt/b', 'not-directory'],
  ])('opens nothing outside of it: %s', (path, code) => {
    using guest = guestOf(true);
    expect(guest.open(path)).toEqual({ tag: 'err', val: code });
    expect(guest.of('[method]descriptor.stat-at')(guest.root, FOLLOW, path).tag).toBe('err');
  });

  test('that may only be read is not written', () => {
    using guest = guestOf(false);
    const refusals = [
      guest.open('a.txt', 0, WRITE),
      guest.open('a.txt', TRUNCATE, READ),
      guest.open('new.txt', CREATE, READ),
      guest.of('[method]descriptor.create-directory-at')(guest.root, 'new'),
      guest.of('[method]descriptor.unlink-file-at')(guest.root, 'a.txt'),
      guest.of('[method]descriptor.remove-directory-at')(guest.root, 'sub'),
      guest.of('[method]descriptor.rename-at')(guest.root, 'a.txt', guest.root, 'c.txt'),
      guest.of('[method]descriptor.symlink-at')(guest.root, 'a.txt', 'link'),
      guest.of('[method]descriptor.write')(guest.open('a.txt').val, text('x'), 0n),
    ];
    expect(refusals.map(({ tag }) => tag)).toEqual(refusals.map(() => 'err'));
    expect([readFileSync(join(guest.folder, 'a.txt'), 'utf8'), readdirSync(guest.folder).length]).toEqual(['hello', 5]);
  });

  test('that may be written is written, at places and by streams', () => {
    using guest = guestOf(true);
    const file = guest.open('new.txt', CREATE, READ | WRITE).val;
    expect(guest.of('[method]descriptor.write')(file, text('abc'), 0n)).toEqual({ tag: 'ok', val: 3n });
    const stream = guest.of('[method]descriptor.append-via-stream')(file).val as { write(bytes: Uint8Array): Answer };
    expect(stream.write(text('def'))).toEqual({ tag: 'ok' });
    expect(
      guest.of('[method]descriptor.rename-at')(guest.root, 'new.txt', guest.open('sub', DIRECTORY).val, 'moved.txt'),
    ).toEqual({ tag: 'ok' });
    expect(readFileSync(join(guest.folder, 'sub', 'moved.txt'), 'utf8')).toBe('abcdef');
  });

  test.each([2n ** 53n, 2n ** 53n + 2n, 2n ** 63n, 2n ** 64n - 1n])(
    'does nothing at a place that the system cannot be told: %s',
    (offset) => {
      using guest = guestOf(true);
      const file = guest.open('a.txt', 0, READ | WRITE).val;
      const refused = { tag: 'err', val: 'file-too-large' };
      expect(guest.of('[method]descriptor.write')(file, text('XX'), offset)).toEqual(refused);
      expect(guest.of('[method]descriptor.read')(file, 2n, offset)).toEqual(refused);
      expect(guest.of('[method]descriptor.read-via-stream')(file, offset)).toEqual(refused);
      expect(guest.of('[method]descriptor.set-size')(file, offset)).toEqual(refused);
      const stream = guest.of('[method]descriptor.write-via-stream')(file, offset).val as { write: Call };
      expect(stream.write(text('XX'))).toMatchObject({ tag: 'err', val: { val: { code: 'file-too-large' } } });
      expect(readFileSync(join(guest.folder, 'a.txt'), 'utf8')).toBe('hello');
    },
  );

  test('of which two streams append, each write is at the end of then', () => {
    using guest = guestOf(true);
    const file = guest.open('a.txt', 0, WRITE).val;
    const [one, other] = [0, 1].map(
      () => guest.of('[method]descriptor.append-via-stream')(file).val as { write: Call },
    );
    one?.write(text(' one'));
    other?.write(text(' two'));
    writeFileSync(join(guest.folder, 'a.txt'), ' others', { flag: 'a' });
    one?.write(text(' three'));
    expect(readFileSync(join(guest.folder, 'a.txt'), 'utf8')).toBe('hello one two others three');
  });

  test('does not tell times before 1970, for which WASI has no number', () => {
    using guest = guestOf(false);
    utimesSync(join(guest.folder, 'a.txt'), 1_000, new Date(-500));
    const { val } = guest.of('[method]descriptor.stat-at')(guest.root, FOLLOW, 'a.txt');
    expect(val).toMatchObject({ 'data-access-timestamp': { seconds: 1_000n, nanoseconds: 0 } });
    expect(val).toHaveProperty('data-modification-timestamp', undefined);
  });

  test('gives its directories as often as the guest asks, which may drop what it was given', () => {
    using guest = guestOf(false);
    const given = Array.from({ length: 1_000 }, () => guest.directories());
    expect(given.filter((roots) => roots.length === 1)).toHaveLength(given.length);
    guest.files.drop(guest.root);
    guest.files.drop(given[0]?.[0]?.[0]);
    expect([guest.open('a.txt').tag, guest.directories().length]).toEqual(['ok', 1]);
  });

  test('closes what a guest has left open', () => {
    const guest = guestOf(false);
    const file = guest.open('a.txt').val;
    guest.files.close();
    expect(() => guest.of('[method]descriptor.read')(file, 1n, 0n)).not.toThrow();
    expect(guest.of('[method]descriptor.read')(file, 1n, 0n)).toEqual({ tag: 'err', val: 'bad-descriptor' });
  });

  test('has at most 128 files open at once, and makes none beyond them', () => {
    using guest = guestOf(true);
    const opened = Array.from({ length: 200 }, (_, at) => guest.open(`${at}.new`, CREATE, READ | WRITE));
    const kept = opened.filter(({ tag }) => tag === 'ok');
    expect(kept).toHaveLength(128);
    expect(opened.at(-1)).toEqual({ tag: 'err', val: 'insufficient-memory' });
    expect(readdirSync(guest.folder).filter((name) => name.endsWith('.new'))).toHaveLength(128);
    expect(guest.directories()).toHaveLength(1);
    guest.files.drop(kept[0]?.val);
    expect(guest.open('a.txt').tag).toBe('ok');
  });

  test.each(['nothing', 'a link', 'a file'])(
    'leaves out a directory in whose place is %s, until it is back',
    (what) => {
      using guest = guestOf(false);
      const away = `${guest.folder}-away`;
      renameSync(guest.folder, away);
      if (what === 'a link') symlinkSync(away, guest.folder);
      if (what === 'a file') writeFileSync(guest.folder, '');
      expect(guest.directories()).toEqual([]);
      rmSync(guest.folder, { force: true });
      renameSync(away, guest.folder);
      expect(guest.directories()).toMatchObject([[{}, guest.folder]]);
    },
  );

  test('has directories that are there', async () => {
    const missing = [{ path: join(tmpdir(), 'lockgate-granted-none'), writable: false }];
    await expect(openPlugin(componentGuest(), { isolation: 'inline', storage: missing })).rejects.toMatchObject({
      code: 'RUNTIME_STORAGE',
    });
  });
});
