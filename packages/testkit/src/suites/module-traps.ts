import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule, reaches } from './open-module.ts';

/** How long a leaking guest has to serve. */
export interface TrapSuiteOptions extends ModuleSuiteOptions {
  /** Calls on a guest whose every free traps. @default 3_000, past the point where trapped frees have used up its stack */
  readonly leakyCalls?: number;
}

const CLOSE_ANYWAY = 'An instance that has trapped has nothing left to say goodbye to: drop it, and resolve';

/** A trap ends a call, never the module; a trap inside free does not even end the call. */
export function moduleTrapSuite(t: TestApi, options: TrapSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const leakyCalls = options.leakyCalls ?? 3_000;

  t.describe('traps', () => {
    suite.itWith(['replaces'], 'a call that traps fails, and the next one works', async () => {
      await using module = await openModule(options, 'trapping');
      await inTime(assert.rejects(module.say('misbehave', 'a')), 'the call that traps');
      assert.equal(await inTime(module.say('echo', 'b'), 'the call after a trap'), 'b');
    });

    suite.itWith(['replaces'], 'the next call runs on a fresh instance', async () => {
      await using module = await openModule(options, 'trapping');
      assert.equal(await module.say('count', ''), '1');
      await inTime(assert.rejects(module.say('misbehave', '')), 'the call that traps');
      // A replacement that fails is not this test's business; one that goes on counting is.
      const count = await inTime(
        module.say('count', '').catch(() => 'failed'),
        'the call after a trap',
      );
      assert.notEqual(count, '3', 'calls counted by an instance that should be new');
    });

    suite.itWith(['http', 'replaces'], 'waiters behind a call that traps get their turn', async () => {
      await using module = await openModule(options, 'trapping');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const trapping = module.say('misbehave', 'b').catch(() => undefined);
      const waiting = module.say('echo', 'c').catch(() => 'failed');
      gate.open();
      await inTime(Promise.all([first, trapping]), 'the calls before the waiter');
      await inTime(waiting, 'the call behind one that trapped');
    });

    suite.itWith(['replaces', 'configure'], 'settings are there again after a trap', async () => {
      await using module = await openModule(options, 'trapping');
      await module.subject.configure?.({ key: 'value' });
      await inTime(assert.rejects(module.say('misbehave', '')), 'the call that traps');
      const settings = await inTime(
        module.say('settings', '').catch(() => undefined),
        'the call after a trap',
      );
      if (settings !== undefined) assert.equal(settings, 'settings:{"key":"value"}');
    });

    suite.itWith(['replaces', 'guestLog'], 'a call that traps is executed once', async () => {
      await using module = await openModule(options, 'trapping');
      await inTime(assert.rejects(module.say('misbehave', 'a')), 'the call that traps');
      await inTime(Promise.allSettled([module.say('echo', 'b')]), 'the call after a trap');
      assert.deepEqual(
        module.trace.after('enter ').filter((message) => message === 'a'),
        ['a'],
        'how often the call that traps entered a guest. Never try it again by yourself: it may have sent its mail before it trapped. Let its caller decide',
      );
    });

    suite.itWith(
      ['replaces', 'configure'],
      'the settings that are there again after a trap are the latest',
      async () => {
        await using module = await openModule(options, 'trapping');
        await module.subject.configure?.({ key: 'first' });
        await module.subject.configure?.({ key: 'latest' });
        await inTime(assert.rejects(module.say('misbehave', '')), 'the call that traps');
        const settings = await inTime(
          module.say('settings', '').catch(() => undefined),
          'the call after a trap',
        );
        const none = settings === undefined || settings === 'settings:'; // that there are any is for the test above to say
        if (!none) {
          const wanted = 'settings:{"key":"latest"}';
          assert.equal(
            settings,
            wanted,
            'settings of the new instance. Keep what `configure` was given last, not first',
          );
        }
      },
    );

    suite.it('a module whose guest has trapped can be closed', async () => {
      await using module = await openModule(options, 'trapping');
      await inTime(assert.rejects(module.say('misbehave', 'a')), 'the call that traps');
      await inTime(module.subject.close(), 'closing after a trap', CLOSE_ANYWAY).catch((error: unknown) => {
        throw new assert.AssertionError({ message: `close failed after a trap: ${error}. ${CLOSE_ANYWAY}` });
      });
    });

    suite.itWith(['leaks'], 'a trap inside free is no failure', async () => {
      await using module = await openModule(options, 'leaky');
      for (let call = 0; call < 10; call += 1) {
        assert.equal(await inTime(module.say('echo', `${call}`), 'a call whose frees trap'), `${call}`);
      }
    });

    suite.itWith(['leaks', 'warnings'], 'frees that trap are warned of once, not with every call', async () => {
      await using module = await openModule(options, 'leaky');
      const say = (message: string) =>
        inTime(Promise.allSettled([module.say('echo', message)]), 'a call whose frees trap');
      const [first] = await say('first');
      if (first?.status === 'rejected') return; // for the test above to say
      await idle(); // a warning may come behind the answer
      const once = module.warnings.length;
      assert.ok(once > 0, 'nothing was warned of. Say once that the guest leaks: its author would like to know');
      for (let call = 0; call < 20; call += 1) await say(`${call}`);
      await idle();
      assert.deepEqual(
        module.warnings.slice(once),
        [],
        'warnings of 20 more such calls. Remember what has been said: a sentence with every call buries the others',
      );
    });

    suite.itWith(['leaks'], `a guest whose every free traps and costs stack serves ${leakyCalls} calls`, async () => {
      await using module = await openModule(options, 'stack-leaking');
      const first = await inTime(
        module.say('echo', '').catch(() => undefined),
        'the first call of a guest that leaks its stack',
      );
      if (first === undefined) return; // not even one such free is survived: that is for the test above to say
      for (let call = 0; call < leakyCalls; call += 1) {
        const answer = await inTime(module.say('echo', `${call}`), `call ${call} of a guest that leaks its stack`);
        assert.equal(answer, `${call}`);
      }
    });
  });
}
