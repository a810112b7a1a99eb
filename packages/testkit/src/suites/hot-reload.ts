import assert from 'node:assert/strict';
import type { CreateModuleOptions, ModuleSubject, SuiteGuest } from '../subjects.ts';
import { SuiteWriter, type Supports, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { suiteGuest } from './suite-guests.ts';

/** The next version of a plugin. */
export interface NextVersion {
  readonly guest: SuiteGuest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the hot-reload suite needs: something that has one live version of a plugin, and changes it. */
export interface ReloadSubject {
  /** The stable handle that callers keep. */
  readonly plugin: ModuleSubject;
  /** Resolves as soon as new calls go to the new version, not later; rejects, and changes nothing, when the version is no good. */
  swap(next: NextVersion): Promise<void>;
  /** Back to the version before. */
  rollback?(): Promise<void>;
  /** How many versions are not closed yet. */
  versions?(): number;
  close(): Promise<void>;
}

/** What the hot-reload suite may want of a subject. Everything counts as supported unless it is declared `false`. */
export type ReloadAbility =
  | 'http'
  | 'configure'
  | 'questions'
  | 'rollback'
  /** `versions()` */
  | 'versions'
  /** Calls that wait for their turn on the old version move to the new one. */
  | 'moves';

/** A subject's factory and what it can do. */
export interface HotReloadOptions {
  create(options: CreateModuleOptions): Promise<ReloadSubject>;
  readonly supports?: Supports<ReloadAbility>;
  /** Changes of version in the tests that change often. @default 20 */
  readonly swaps?: number;
}

/** A version changes while calls run, and no caller notices more than that answers change. */
export function hotReloadSuite(t: TestApi, options: HotReloadOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const swaps = options.swaps ?? 20;

  t.describe('hot reload', () => {
    suite.it('new calls go to the new version once the swap is done', async () => {
      await using reload = await open(options);
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
      await using reload = await open(options);
      const running = reload.say('fetch-then-echo', 'held');
      await inTime(reload.backend.gate('held').reached, 'the call reaching its backend');
      await inTime(reload.swap('version B'), 'the swap, which must not wait for running calls');
      await idle(); // a subject that closes the old version under its caller gets its chance
      reload.backend.release();
      assert.equal(await inTime(running, 'the call that ran'), 'A:held');
    });

    suite.it('there is no moment without a version', async () => {
      await using reload = await open(options);
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
      await using reload = await open(options);
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
        await using reload = await open(options);
        await inTime(assert.rejects(reload.swap(guest)), 'the swap to a version that is no good');
        assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), 'A:x');
      });
    }

    suite.it('two changes at once end on the later one', async () => {
      await using reload = await open(options);
      for (const [first, last] of [
        ['B', 'C'],
        ['C', 'A'],
        ['A', 'B'],
      ] as const) {
        const changes = [reload.swap(`version ${first}`), reload.swap(`version ${last}`)];
        await inTime(Promise.all(changes), 'both swaps');
        await idle(); // a swap that is done too early is for the first test to catch
        assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), `${last}:x`);
      }
    });

    suite.itWith(['configure'], 'settings are there after a change', async () => {
      await using reload = await open(options);
      await reload.plugin.configure?.({ key: 'value' });
      await inTime(reload.swap('version B'), 'the swap');
      assert.equal(await inTime(reload.say('settings', ''), 'a call'), 'settings:{"key":"value"}');
    });

    suite.itWith(['rollback'], 'rolls back to the version before', async () => {
      await using reload = await open(options);
      await inTime(reload.swap('version B'), 'the swap');
      await inTime(Promise.resolve(reload.subject.rollback?.()), 'the rollback');
      assert.equal(await inTime(reload.say('echo', 'x'), 'a call'), 'A:x');
    });

    suite.itWith(['http', 'moves'], 'a call that waits for its turn moves to the new version', async () => {
      await using reload = await open(options);
      const running = reload.say('fetch-then-echo', 'held');
      await inTime(reload.backend.gate('held').reached, 'the call reaching its backend');
      const waiting = reload.say('echo', 'waiting');
      await inTime(reload.swap('version B'), 'the swap');
      assert.equal(
        await inTime(waiting, 'the call that waited, while another still runs on the old version'),
        'B:waiting',
      );
      reload.backend.release();
      await inTime(Promise.allSettled([running]), 'the call that ran');
    });

    suite.itWith(['http', 'versions'], 'an old version is closed when its last call has ended', async () => {
      await using reload = await open(options);
      const running = reload.say('fetch-then-echo', 'held');
      await inTime(reload.backend.gate('held').reached, 'the call reaching its backend');
      await inTime(reload.swap('version B'), 'the swap');
      reload.backend.release();
      await inTime(Promise.allSettled([running]), 'the call that ran');
      await until(() => reload.subject.versions?.() === 1, 'the old version being closed');
    });

    suite.itWith(['versions'], 'close during a change closes all versions', async () => {
      await using reload = await open(options);
      const swap = reload.swap('version B').catch(() => undefined);
      await inTime(Promise.all([reload.subject.close(), swap]), 'the close and the swap');
      await until(() => reload.subject.versions?.() === 0, 'all versions being closed');
    });
  });
}

async function open(options: HotReloadOptions) {
  const backend = new Backend();
  const guest = 'version A';
  const subject = await options.create({
    guest,
    bytes: suiteGuest(guest),
    fetch: backend.fetch,
    onGuestLog: () => undefined,
  });
  return {
    subject,
    plugin: subject.plugin,
    backend,
    swap: (next: SuiteGuest) => {
      const swapped = subject.swap({ guest: next, bytes: suiteGuest(next) });
      swapped.catch(() => undefined); // a test looks at each swap when it is that swap's turn
      return swapped;
    },
    say: (tool: string, message: string) => {
      const said = subject.plugin.execute(tool, { message }).then(({ data, isError }) => {
        if (isError) throw new Error(`"${tool}" answered an error: ${data}`);
        return data;
      });
      said.catch(() => undefined);
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      backend.release();
      await inTime(subject.close(), 'closing the subject at the end of the test');
    },
  };
}

/** Polls in turns of the event loop; only a failure waits for long. */
async function until(holds: () => boolean, what: string): Promise<void> {
  let over = false;
  const poll = async (): Promise<void> => {
    while (!over && !holds()) await idle(1);
  };
  try {
    await inTime(poll(), what);
  } finally {
    over = true;
  }
}
