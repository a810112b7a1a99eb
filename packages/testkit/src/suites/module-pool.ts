import assert from 'node:assert/strict';
import type { ModuleSuiteOptions, SuiteGuest } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { type OpenModule, openModule, reaches } from './open-module.ts';

const INSTANCES = 4;

/** A module with several instances: calls run side by side, yet never two in one instance. */
export function modulePoolSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const open = (backend?: Backend, guest: SuiteGuest = 'fetch-echo') =>
    openModule(options, guest, { instances: { max: INSTANCES }, ...(backend ? { backend } : {}) });

  t.describe('pool', () => {
    suite.itWith(['pool', 'http'], 'a slow call does not hold up the next', async () => {
      await using module = await open();
      const { answers } = await hold(module, 1);
      for (let call = 0; call < 2 * INSTANCES; call += 1) {
        assert.equal(await inTime(module.say('echo', `${call}`), 'a call next to a slow one'), `${call}`);
      }
      module.backend.release();
      await inTime(Promise.allSettled(answers), 'the slow call');
    });

    suite.itWith(['pool', 'http'], 'never lets two calls into one instance', async () => {
      await using module = await open(jittery());
      await ownAnswers(module, 'Choose an instance that nobody is in, or wait for one');
    });

    suite.itWith(['pool', 'http'], 'never runs more calls at once than it may have instances', async () => {
      await using module = await open();
      const { answers } = await hold(module, INSTANCES);
      const more = ['x', 'y', 'z'].map((message) => module.say('fetch-then-echo', message));
      await idle(); // a pool that grows too far gets its chance
      module.backend.release();
      await inTime(Promise.allSettled([...answers, ...more]), 'all calls');
      assert.equal(module.backend.mostInside, INSTANCES, 'calls that waited on HTTP at one time');
    });

    suite.itWith(['pool', 'http', 'replaces'], 'never lets two calls into one instance after traps', async () => {
      await using module = await open(jittery(), 'trapping');
      await fillAndTrap(module);
      await ownAnswers(module, 'Put the instance that replaces a trapped one into the place of that one alone, once');
    });

    suite.itWith(['pool', 'http', 'signal'], 'never lets two calls into one instance after aborts', async () => {
      await using module = await open(jittery());
      const leaving = new AbortController();
      const { answers } = await hold(module, INSTANCES, 'held', leaving.signal);
      leaving.abort();
      module.backend.release();
      await inTime(Promise.allSettled(answers), 'the aborted calls');
      await ownAnswers(module, 'Put an instance back when its call has ended, once, and never one that was given up');
    });

    suite.itWith(
      ['pool', 'http', 'replaces'],
      'runs as many calls at once after traps as before, not more',
      async () => {
        await using module = await open(undefined, 'trapping');
        await fillAndTrap(module);
        const before = module.backend.mostInside;
        await holdAndMore(module, 'again', GIVE_BACK);
        assert.equal(
          module.backend.mostInside,
          before,
          `calls that waited on HTTP at one time, after traps and before. ${GIVE_BACK}`,
        );
      },
    );

    suite.itWith(['pool', 'http', 'configure'], 'hands the settings to every instance', async () => {
      await using module = await open();
      await module.subject.configure?.({ key: 'value' });
      await hold(module, INSTANCES - 1);
      const settings = 'settings:{"key":"value"}';
      assert.equal(await inTime(module.say('settings', ''), 'the settings'), settings, 'on the last instance to start');
      module.backend.release();
      const all = Array.from({ length: 4 * INSTANCES }, () => module.say('settings', ''));
      for (const seen of await inTime(Promise.all(all), 'the settings')) assert.equal(seen, settings);
      await module.subject.configure?.({ key: 'newer' });
      const again = Array.from({ length: 4 * INSTANCES }, () => module.say('settings', ''));
      for (const seen of await inTime(Promise.all(again), 'the settings')) {
        assert.equal(seen, 'settings:{"key":"newer"}', 'once all instances run, and are given new settings');
      }
    });

    suite.itWith(['pool', 'http'], 'close waits for the calls of all instances', async () => {
      await using module = await open();
      const { answers } = await hold(module, INSTANCES);
      let closed = false;
      const closing = module.subject.close().then(() => {
        closed = true;
      });
      module.backend.gate('held-0').open();
      await inTime(Promise.resolve(answers[0]), 'the first held call');
      await idle(); // a pool that waits for one instance only gets its chance
      const early = closed;
      module.backend.release();
      await inTime(Promise.allSettled([...answers, closing]), 'the calls and the close');
      assert.equal(early, false, 'close resolved while calls were still inside');
    });
  });
}

const GIVE_BACK =
  'A trapped instance gives up its place when its call ends, exactly once: count it neither on nor twice';

/** Its answers take so many turns that they come back in another order than they were asked for. */
function jittery(): Backend {
  return new Backend((message) => (Number(message) * 7) % 5);
}

/** Has every instance made, then several trap at once: few enough that no breaker takes the module for hopeless. */
async function fillAndTrap(module: OpenModule): Promise<void> {
  await holdAndMore(module, 'before');
  const trapping = Array.from({ length: INSTANCES - 1 }, (_, call) => module.say('misbehave', `trap ${call}`));
  await inTime(Promise.allSettled(trapping), 'the calls that trap');
  await inTime(Promise.allSettled([module.say('echo', 'well')]), 'a call after the traps');
}

/** As many calls as there may be instances, and some that have to wait. */
async function holdAndMore(module: OpenModule, name: string, remedy?: string): Promise<void> {
  const { answers } = await hold(module, INSTANCES, name, undefined, remedy);
  const more = ['x', 'y', 'z'].map((message) => {
    module.backend.gate(`${name}-${message}`);
    return module.say('fetch-then-echo', `${name}-${message}`);
  });
  await idle(); // a pool that has no limit, or has forgotten it, gets its chance
  module.backend.release();
  await inTime(Promise.allSettled([...answers, ...more]), 'all calls');
}

/** Many calls at once, each keeping its message in its instance's memory while it waits: whoever shares one answers with another's. */
async function ownAnswers(module: OpenModule, remedy: string): Promise<void> {
  const calls = Array.from({ length: 64 }, (_, call) => module.say('fetch-then-echo', `${call}`));
  for (const [call, end] of (await inTime(Promise.allSettled(calls), 'the calls')).entries()) {
    const answer = end.status === 'fulfilled' ? end.value : String(end.reason);
    assert.equal(answer, `${call}`, `the answer of call ${call}: somebody else was in its instance. ${remedy}`);
  }
}

/** Sees to it that so many calls wait inside the guest, each in an instance of its own. */
async function hold(
  module: OpenModule,
  count: number,
  name = 'held',
  signal?: AbortSignal,
  remedy?: string,
): Promise<{ readonly answers: readonly Promise<string>[] }> {
  const answers: Promise<string>[] = [];
  for (let call = 0; call < count; call += 1) {
    const gate = module.backend.gate(`${name}-${call}`);
    const answer = module.say('fetch-then-echo', `${name}-${call}`, signal && { signal });
    answers.push(answer);
    await reaches(gate, answer, `${name} call ${call}`, remedy);
  }
  return { answers };
}
