import assert from 'node:assert/strict';
import type { SuiteWriter } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { type HotReloadOptions, type OpenReload, openReload, type ReloadAbility } from './hot-reload-subject.ts';

const KEPT = { key: 'value' };

/** Of how many turns into a change `configure` is called, at the most. A change may well be over before. */
const MOST_TURNS = 512;

/** Settings belong to the plugin, not to a version of it: they outlive every change, and every call sees them. */
export function declareReloadSettings(suite: SuiteWriter<ReloadAbility>, options: HotReloadOptions): void {
  suite.itWith(['configure'], 'settings are there after a change', async () => {
    await using reload = await openReload(options);
    await reload.plugin.configure?.(KEPT);
    await inTime(reload.swap('version B'), 'the swap');
    assert.equal(await settings(reload), said(KEPT));
  });

  suite.itWith(['configure'], 'settings are there after the second change too', async () => {
    await using reload = await openReload(options);
    await reload.plugin.configure?.(KEPT);
    await inTime(reload.swap('version B'), 'the swap');
    if ((await settings(reload)) !== said(KEPT)) return; // for the test above to say
    await inTime(reload.swap('version C'), 'the second swap');
    const remedy = 'Keep the settings with the plugin, not with the version that they were given to';
    assert.equal(await settings(reload), said(KEPT), `settings after the second change. ${remedy}`);
  });

  suite.itWith(['configure', 'rollback'], 'settings are there after a rollback', async () => {
    if (!(await keepsSettings(options))) return; // for the tests above to say
    await using reload = await openReload(options);
    await inTime(reload.swap('version B'), 'the swap');
    await reload.plugin.configure?.({ key: 'newer' });
    await inTime(Promise.resolve(reload.subject.rollback?.()), 'the rollback');
    const remedy =
      'A rollback brings the code back, not the settings: hand the latest ones to the version that returns';
    assert.equal(await settings(reload), said({ key: 'newer' }), `settings after a rollback. ${remedy}`);
  });

  suite.itWith(['configure'], 'no call sees a new version before it has its settings', async () => {
    await using reload = await openReload(options);
    await reload.plugin.configure?.(KEPT);
    const seen = new Set<string>();
    for (const next of ['version B', 'version A', 'version C'] as const) {
      let swapping = true;
      const swap = reload.swap(next).finally(() => {
        swapping = false;
      });
      while (swapping) {
        await inTime(
          settings(reload).then(
            (text) => seen.add(text),
            () => undefined,
          ),
          'a call during a swap',
        );
        await idle(1);
      }
      await inTime(swap, 'the swap');
    }
    if ((await settings(reload)) !== said(KEPT)) return; // settings that are lost are for the tests above
    seen.delete(said(KEPT));
    assert.deepEqual(
      [...seen],
      [],
      'what calls saw of the settings while versions changed. Configure a new version before it goes into service',
    );
  });

  suite.itWith(['configure'], 'settings that come during a change are those of the new version', async () => {
    if (!(await keepsSettings(options))) return;
    await using reload = await openReload(options);
    let isLate = false;
    for (let turns = 0, round = 0; turns <= MOST_TURNS && !isLate; turns += Math.max(1, turns >> 1), round += 1) {
      let isOver = false;
      const swap = reload.swap(round % 2 === 0 ? 'version B' : 'version A').finally(() => {
        isOver = true;
      });
      await idle(turns);
      isLate = isOver; // nothing is to be met any more by coming later still
      const latest = { key: `after ${turns} turns` };
      const configured = Promise.resolve(reload.plugin.configure?.(latest));
      const [, settled] = await inTime(Promise.allSettled([swap, configured]), 'the swap, and configure during it');
      if (isLate || settled.status === 'rejected') continue;
      await idle(); // a swap that is done too early is for another test
      const remedy = 'When it is ready to go into service, look whether there are newer settings than it was given';
      assert.equal(await settings(reload), said(latest), `settings that came ${turns} turns into a change. ${remedy}`);
    }
  });
}

function settings(reload: OpenReload): Promise<string> {
  return inTime(reload.say('settings', ''), 'a call');
}

function said(given: Readonly<Record<string, string>>): string {
  return `settings:${JSON.stringify(given)}`;
}

/** Whether settings outlive changes that nothing else happens in. */
async function keepsSettings(options: HotReloadOptions): Promise<boolean> {
  await using reload = await openReload(options);
  await reload.plugin.configure?.(KEPT);
  for (const next of ['version B', 'version C'] as const) await inTime(reload.swap(next), 'the swap');
  await idle();
  return (await settings(reload)) === said(KEPT);
}
