import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { placeGrants } from '../../../src/host/wasi/place-grants.ts';
import type { Isolation } from '../../../src/index.ts';
import { openPlugin } from '../../open-plugin.ts';
import { readingPlugin } from './reading-plugin.ts';
import { directoryOf, wasiGuest } from './wasi-guest.ts';

/** `top/in`, which is granted, and `top/out`, which is not; in both lies `note.txt`. */
function folders() {
  const top = mkdtempSync(join(tmpdir(), 'lockgate-replaced-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const make = (name: string, note: string): string => {
    mkdirSync(join(top, name), { recursive: true });
    writeFileSync(join(top, name, 'note.txt'), note);
    return join(top, name);
  };
  const outside = make('out', 'secret');
  const inside = make('at/in', 'mine');
  return { top, inside, outside, away: join(top, 'away'), make };
}

describe('a guest that has a directory open', () => {
  const open = (work: (at: ReturnType<typeof folders>) => void) => {
    const at = folders();
    const guest = wasiGuest(directoryOf(at.inside, true));
    onTestFinished(() => guest.close());
    const read = (): string => {
      const fd = guest.open('note.txt');
      return typeof fd === 'string' ? fd : guest.read(fd);
    };
    expect(read()).toBe('mine');
    work(at);
    return { ...at, guest, read };
  };

  test('has another one that was put in its place', () => {
    const { read } = open(({ inside, away, make }) => {
      renameSync(inside, away);
      make('at/in', 'new');
    });
    expect(read()).toBe('new');
  });

  test.each<[what: string, work: (at: ReturnType<typeof folders>) => void, code: string]>([
    ['that was moved away', ({ inside, away }) => renameSync(inside, away), 'noent'],
    ['that was removed', ({ inside }) => rmSync(inside, { recursive: true }), 'noent'],
    [
      'that is a file now',
      ({ inside, away }) => {
        renameSync(inside, away);
        writeFileSync(inside, 'x');
      },
      'notdir',
    ],
    [
      'in whose place is a link',
      ({ inside, outside, away }) => {
        renameSync(inside, away);
        symlinkSync(outside, inside);
      },
      'loop',
    ],
    [
      'above which is a link',
      ({ top, away, make }) => {
        make('out/in', 'secret');
        renameSync(join(top, 'at'), away);
        symlinkSync(join(top, 'out'), join(top, 'at'));
      },
      'loop',
    ],
  ])('has none %s, and has it again when it is back', (_what, work, code) => {
    const { top, inside, outside, guest, read } = open(work);
    expect([read(), guest.open('.', { directory: true }), guest.rename('note.txt', 'moved', 3)]).toEqual([
      code,
      code,
      code,
    ]);
    expect(guest.open('new.txt', { create: true, write: true })).toBe(code);
    rmSync(join(top, 'at'), { force: true, recursive: true });
    mkdirSync(join(top, 'at'));
    renameSync(outside, inside);
    expect(read()).toBe('secret');
  });
});

const linked = ({ inside, outside, away }: ReturnType<typeof folders>): void => {
  renameSync(inside, away);
  symlinkSync(outside, inside);
};

test('a directory is where its grant was used first, however often guests are loaded with that', async () => {
  const at = folders();
  const link = join(at.top, 'current');
  symlinkSync(at.inside, link);
  const grant = { path: link, writable: false };
  const first = await placeGrants('m', [grant]);
  expect(first).toEqual([{ path: link, writable: false, place: at.inside }]);
  rmSync(link);
  symlinkSync(at.outside, link);
  expect(await placeGrants('m', [grant])).toEqual(first);
  expect(await placeGrants('m', [{ ...grant }])).toMatchObject([{ place: at.outside }]);
  linked(at);
  await expect(placeGrants('m', [grant])).rejects.toThrow(
    `The directory "${link}" that "m" may use has become a link since it was granted`,
  );
});

describe.each<Isolation>(['inline', 'worker'])('a plugin %s', (isolation) => {
  test('gets a link in the place of its directory in no instance', async () => {
    const at = folders();
    const storage = [{ path: at.inside, writable: false }];
    await using opened = await openPlugin(readingPlugin(), { isolation, storage });
    const read = async () => (await opened.plugin.execute('read', {})).data;
    expect(await read()).toBe('mine');
    linked(at);
    expect(await read()).toMatch(/^errno/);
  });
});
