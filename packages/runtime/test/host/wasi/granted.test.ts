import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInDialects, type Dialect, exportState } from '@lockgate/abi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Guest } from '../../../src/guest/guest.ts';
import type { GuestState } from '../../../src/guest/guest-state.ts';
import { GuestLog } from '../../../src/host/guest-log.ts';
import type { Isolation } from '../../../src/index.ts';
import { openPlugin } from '../../open-plugin.ts';
import { readingPlugin } from './reading-plugin.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockgate-granted-'));
  writeFileSync(join(folder, 'note.txt'), 'buy milk');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Descriptors of this process that stand for something in the folder. */
function openHere(): readonly string[] {
  const links = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // that of the listing itself
    }
  });
  return links.filter((path) => path.startsWith(folder));
}

const granted = () => ({
  storage: [{ path: folder, writable: false, place: realpathSync(folder) }],
  env: { LANG: 'en' },
});
const ANSWER = 'LANG=en\0buy milk';
const BAD_DESCRIPTOR = 'errno i';

describe.each<Isolation>(['inline', 'worker'])('a plugin %s', (isolation) => {
  test('has the directories and variables that it was granted, in every instance, and nothing of them stays open', async () => {
    {
      await using opened = await openPlugin(readingPlugin({ keepsOpen: true }), {
        ...{ ...granted(), isolation, instances: { min: 2, max: 2 } },
      });
      const answers = await Promise.all([1, 2, 3].map(() => opened.plugin.execute('read', {})));
      expect(answers.map(({ data }) => data)).toEqual([ANSWER, ANSWER, ANSWER]);
    }
    if (process.platform === 'linux') expect(openHere()).toEqual([]);
  });

  test('has neither without a grant', async () => {
    await using opened = await openPlugin(readingPlugin(), { isolation });
    expect((await opened.plugin.execute('read', {})).data).toBe(BAD_DESCRIPTOR);
  });

  test('is not loaded where a directory is not there, and its name is said', async () => {
    const missing = [{ path: join(folder, 'missing'), writable: false }];
    await expect(openPlugin(readingPlugin(), { isolation, storage: missing })).rejects.toMatchObject({
      code: 'RUNTIME_STORAGE',
      message: expect.stringContaining(`${folder}/missing`),
    });
  });
});

test('a plugin that is parked takes no open directory along, goes on with one of its own, and stays while it has a file open', async () => {
  const dialect = builtInDialects.find(({ id }) => id === 'lockgate-plugin') as Dialect;
  const start = async (keepsOpen: boolean, state?: GuestState): Promise<Guest> =>
    Guest.start({
      module: await WebAssembly.compile(exportState(readingPlugin({ keepsOpen }))),
      ...{
        dialect,
        memoryCeilingBytes: 1_048_576,
        maxMessageBytes: 65_536,
        host: { http: () => '', backend: () => undefined, functions: () => undefined },
        sleep: () => {},
      },
      ...{ grants: granted(), waiting: 'blocks', log: new GuestLog(() => {}, 10), onWarning: () => {} },
      ...{ parks: true, state },
    });
  const first = await start(false);
  expect(first.call('execute', '{}')).toBe(ANSWER);
  const state = first.park();
  first.close();
  if (process.platform === 'linux') expect(openHere()).toEqual([]);
  const second = await start(false, structuredClone(state));
  expect(second.call('execute', '{}')).toBe(ANSWER);
  second.close();
  const third = await start(true);
  third.call('execute', '{}');
  expect(third.park()).toBeUndefined();
  third.close();
});
