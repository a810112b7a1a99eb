import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PathHints } from '../../src/watch/path-hints.ts';
import { pathHops } from '../../src/watch/path-hops.ts';
import { Inbox } from '../inbox.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('what comes between following a path and watching it is not missed', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'in', 'a.wasm');
  const hints = new Inbox<string>();
  let comings = 0;
  const watching = new PathHints(path, {
    onHint: () => hints.put('hint'),
    onError: (error) => hints.put(String(error)),
    async follow(way) {
      const hops = await pathHops(way);
      comings += 1;
      if (comings === 1) await mkdir(join(folder.path, 'in')); // the folder that was missing when the way was followed
      return hops;
    },
  });
  await watching.arm();
  await writeFile(path, 'here');

  expect(await hints.next()).toBe('hint');
  watching.close();
});

test('a folder that cannot be watched is told once per arming, and ends nothing', async () => {
  await using folder = await temporaryFolder();
  const told: unknown[] = [];
  const bad = `${folder.path}\0`;
  const watching = new PathHints(join(folder.path, 'a.wasm'), {
    onHint: () => undefined,
    onError: (error) => told.push((error as NodeJS.ErrnoException).code),
    follow: async () =>
      new Map([
        [bad, new Set(['a.wasm'])],
        [folder.path, new Set(['a.wasm'])],
      ]),
  });
  await watching.arm();
  expect(told).toEqual(['ERR_INVALID_ARG_VALUE']);
  await watching.arm();
  expect(told).toHaveLength(2);
  watching.close();
});
