import type { Plugin } from '@lockgate/runtime';
import { trappingGuest, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { Inbox } from './inbox.ts';
import { isolations, openStage } from './stage.ts';

const GOOD = versionGuest('good');
const BAD = trappingGuest({ version: 'bad' });

async function fail(handle: Plugin, times: number): Promise<void> {
  for (let call = 0; call < times; call += 1) {
    await expect(handle.execute('misbehave', { message: '' })).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
  }
}

describe.each(isolations)('a version that fails again and again (%s)', (isolation) => {
  test('is listed as crash-looping, with what it fails of', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(BAD, { name: 'guest' });
    await fail(handle, 4);
    expect(stage.loader.list()).toMatchObject([{ state: 'live', lastError: null }]);
    await fail(handle, 1);
    expect(stage.loader.list()).toMatchObject([
      {
        state: 'crash-looping',
        lastError: {
          code: 'LOADER_VERSION_FAILING',
          facts: { module: 'guest', generation: 1, failures: 5 },
          cause: { message: expect.stringContaining('unreachable') },
        },
      },
    ]);
    await stage.loader.reload('guest', GOOD);
    expect(stage.loader.list()).toMatchObject([{ state: 'live', lastError: null }]);
  });

  test('goes back by itself to the one before when it was told after how many, once', async () => {
    await using stage = await openStage({ isolation });
    const rollbackAfter = { failures: 2, withinMs: 60_000 };
    const handle = await stage.loader.load(GOOD, { name: 'guest', rollbackAfter });
    const causes = new Inbox<string>();
    stage.loader.on('reloaded', ({ cause, version }) => causes.put(`${cause} ${version}`));
    await stage.loader.reload('guest', BAD);
    expect(await causes.next()).toBe('reload bad');
    await fail(handle, 2);
    expect(await causes.next()).toBe('failures good');
    expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'good:x' });
    await handle.configure({}); // when the change is over
    expect(stage.loader.list()).toMatchObject([
      { state: 'live', live: { version: 'good', generation: 3 }, kept: 0, lastError: { facts: { generation: 2 } } },
    ]);
  });
});

test('a version that keeps failing stays where there is none to go back to', async () => {
  const said: string[] = [];
  const quiet = (): void => {};
  const error = (_fields: object, message: string): void => void said.push(message);
  await using stage = await openStage({ logger: { debug: quiet, info: quiet, warn: quiet, error } });
  const handle = await stage.loader.load(BAD, { name: 'guest', rollbackAfter: { failures: 1, withinMs: 0 } });
  await fail(handle, 2);
  expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'x' });
  expect(said).toEqual(Array(2).fill('a version keeps failing, and none is kept to go back to'));
});

test('a change that was asked for meanwhile is not undone by the failures of the version before', async () => {
  await using stage = await openStage();
  const rollbackAfter = { failures: 1, withinMs: 60_000 };
  const handle = await stage.loader.load(GOOD, { name: 'guest', rollbackAfter });
  await stage.loader.reload('guest', BAD);
  const reloading = stage.loader.reload('guest', versionGuest('better'));
  const failing = handle.execute('misbehave', { message: '' }).catch(() => undefined);
  expect(await reloading).toMatchObject({ version: 'better' });
  await failing;
  await stage.loader.configure('guest', {}); // after whatever change still waits
  expect(stage.loader.list()).toMatchObject([{ live: { version: 'better', generation: 3 }, kept: 1 }]);
});

test.each([
  { failures: 0, withinMs: 1 },
  { failures: 1.5, withinMs: 1 },
  { failures: 1, withinMs: -1 },
])('takes rollbackAfter %j for a mistake of the program', async (rollbackAfter) => {
  await using stage = await openStage();
  await expect(stage.loader.load(GOOD, { rollbackAfter })).rejects.toThrow(/rollbackAfter\./);
});
