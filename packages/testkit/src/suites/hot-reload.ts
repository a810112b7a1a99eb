import assert from 'node:assert/strict';
import { bulkyGuest } from '../guests/catalog/shapes.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { declareReloadSettings } from './hot-reload-settings.ts';
import { type HotReloadOptions, openReload, until } from './hot-reload-subject.ts';
import { reaches } from './open-module.ts';

/** A version changes while calls run, and no caller notices more than that answers change. */
export function hotReloadSuite(t: TestApi, options: HotReloadOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const swaps = options.swaps ?? 20;

  t.describe('hot reload', () => {
    suite.it('new calls go to the new version once the swap is done', async () => {
      await using reload = await openReload(options);
      assert.equal(await reload.say('echo', 'x'), 'A:x');
      for (let swap = 0; swap < swaps; swap += 1) {
        const next = swap % 2 === 0 ? 'B' : 'A';
        await inTime(reload.swap(`version ${next}`), `swap ${swap}`);
        const calls = ['1', '2', '3', '4'].map((message) => reload.say('echo', message));
        const answers = await inTime(Promise.all(calls), 'four calls');
        assert.deepEqual(
          answers,
          ['1', '2', '3', '4'].map((message) => `${next}:${message}`),
        );
      }
    });

    suite.itWith(['http'], 'a call that runs finishes on the old version', async () => {
      await using reload = await openReload(options);
      const running = reload.say('fetch-then-echo', 'held');
      await reaches(reload.backend.gate('held'), running, 'the call');
      await inTime(reload.swap('version B'), 'the swap, which must not wait for running calls');
      await idle(); // a subject that closes the old version under its caller gets its chance
      reload.backend.release();
      assert.equal(await inTime(running, 'the call that ran'), 'A:held');
    });

    suite.it('there is no moment without a version', async () => {
      await using reload = await openReload(options);
      let swapping = true;
      const caller = (async () => {
        for (let call = 0; swapping; call += 1) {
          const answer = await reload.say('echo', `${call}`).catch((error: unknown) => String(error));
          assert.match(answer, new RegExp(`^[AB]:${call}$`), `call ${call}, made while versions change`);
          await idle(1);
        }
      })();
      caller.catch(() => undefined); // looked at when all swaps are done
      for (let swap = 0; swap < swaps; swap += 1) {
        await inTime(reload.swap(swap % 2 === 0 ? 'version B' : 'version A'), `swap ${swap}`);
        await idle(2);
      }
      swapping = false;
      await inTime(caller, 'the caller');
    });

    suite.itWith(['questions'], 'what the plugin says about itself changes with its answers', async () => {
      await using reload = await openReload(options);
      for (const next of ['B', 'A', 'C'] as const) {
        await inTime(reload.swap(`version ${next}`), 'the swap');
        const before = await reload.say('echo', '');
        const metadata = (await reload.plugin.metadata?.()) as { readonly version?: unknown } | null | undefined;
        const after = await reload.say('echo', '');
        const told = `${metadata?.version}:`;
        assert.ok(
          told === before || told === after,
          `the metadata say "${told}", the answers "${before}" and "${after}"`,
        );
      }
    });

    for (const guest of ['garbage', 'traps at start', 'incomplete'] as const) {
      suite.it(`a version that is no good is refused and leaves the old one in service (${guest})`, async () => {
        await using reload = await openReload(options);
        await inTime(assert.rejects(reload.swap(guest)), 'the swap to a version that is no good');
        assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), 'A:x');
      });
    }

    suite.it('a change after refused ones works', async () => {
      await using reload = await openReload(options);
      for (const guest of ['garbage', 'traps at start'] as const) {
        await inTime(Promise.allSettled([reload.swap(guest)]), 'the swap to a version that is no good');
      }
      const remedy = 'A queue of changes has to go on behind one that failed: keep its failure for its caller alone';
      const next = await inTime(Promise.allSettled([reload.swap('version B')]), 'the swap after refused ones', remedy);
      assert.equal(
        next[0].status,
        'fulfilled',
        `the swap to a good version, after refused ones, failed too. ${remedy}`,
      );
    });

    suite.itWith(['versions'], 'a version that was refused is closed', async () => {
      await using reload = await openReload(options);
      for (const guest of ['traps at start', 'incomplete'] as const) {
        await inTime(Promise.allSettled([reload.swap(guest)]), 'the swap to a version that is no good');
        const left = () => reload.subject.versions?.() === 1;
        const remedy = 'Close what you had opened of it before you report why it was refused';
        await until(left, `the version that was refused (${guest}) being closed`, remedy);
      }
    });

    suite.it('two changes at once end on the later one', async () => {
      await using reload = await openReload(options);
      for (const [first, last] of [
        ['B', 'C'],
        ['C', 'A'],
        ['A', 'B'],
      ] as const) {
        // Where changes race, the first is ready last: there is more of it to compile.
        const slow = bulkyGuest({ http: true, prefix: `${first}:`, codeBytes: SLOW_BYTES });
        const changes = [reload.swap(`version ${first}`, slow), reload.swap(`version ${last}`)];
        await inTime(Promise.all(changes), 'both swaps');
        await idle(); // a swap that is done too early is for the first test to catch
        assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), `${last}:x`);
      }
    });

    declareReloadSettings(suite, options);

    suite.itWith(['rollback'], 'rolls back to the version before', async () => {
      await using reload = await openReload(options);
      await inTime(reload.swap('version B'), 'the swap');
      await inTime(Promise.resolve(reload.subject.rollback?.()), 'the rollback');
      assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), 'A:x');
    });

    suite.itWith(['rollback'], 'a second rollback does not go forward again', async () => {
      await using reload = await openReload(options);
      await inTime(reload.swap('version B'), 'the swap');
      await inTime(reload.swap('version C'), 'the swap');
      await inTime(Promise.resolve(reload.subject.rollback?.()), 'the rollback');
      if ((await inTime(reload.say('echo', 'x'), 'a call')) !== 'B:x') return; // for the test above to say
      // Whether there are versions further back, or it is refused, is the subject's to decide.
      await inTime(Promise.allSettled([reload.subject.rollback?.()]), 'the second rollback');
      const remedy = 'A rollback makes what it leaves no version to roll back to: it was left because it is bad';
      assert.notEqual(await inTime(reload.say('echo', 'x'), 'a call'), 'C:x', remedy);
    });

    suite.itWith(['http', 'moves'], 'a call that waits for its turn moves to the new version', async () => {
      await using reload = await openReload(options);
      let requests = 0;
      reload.backend.on('held', async () => {
        requests += 1;
      });
      const running = reload.say('fetch-then-echo', 'held');
      await reaches(reload.backend.gate('held'), running, 'the call');
      const waiting = reload.say('echo', 'waiting');
      await inTime(reload.swap('version B'), 'the swap');
      assert.equal(
        await inTime(waiting, 'the call that waited, while another still runs on the old version'),
        'B:waiting',
      );
      reload.backend.release();
      await inTime(Promise.allSettled([running]), 'the call that ran');
      const remedy = 'Only a call that has not entered the guest may be made again';
      assert.equal(requests, 1, `requests of the call that ran, which stays where it is. ${remedy}`);
    });

    suite.itWith(['http', 'versions'], 'an old version is closed when its last call has ended', async () => {
      await using reload = await openReload(options);
      const running = reload.say('fetch-then-echo', 'held');
      await reaches(reload.backend.gate('held'), running, 'the call');
      await inTime(reload.swap('version B'), 'the swap');
      reload.backend.release();
      await inTime(Promise.allSettled([running]), 'the call that ran');
      await until(() => reload.subject.versions?.() === 1, 'the old version being closed');
    });

    suite.itWith(['versions'], 'close during a change closes all versions', async () => {
      await using reload = await openReload(options);
      const swap = reload.swap('version B').catch(() => undefined);
      await inTime(Promise.all([reload.subject.close(), swap]), 'the close and the swap');
      await until(() => reload.subject.versions?.() === 0, 'all versions being closed');
    });
  });
}

/** Compiles in some ten milliseconds, where the other guests take less than one. */
const SLOW_BYTES = 1_000_000;
