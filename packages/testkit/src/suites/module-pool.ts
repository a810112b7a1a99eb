import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { Backend } from '../tools/backend.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { type OpenModule, openModule } from './open-module.ts';

const INSTANCES = 4;

/** A module with several instances: calls run side by side, yet never two in one instance. */
export function modulePoolSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const open = (backend?: Backend) =>
    openModule(options, 'fetch-echo', { instances: { max: INSTANCES }, ...(backend ? { backend } : {}) });

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
      await using module = await open(new Backend((message) => (Number(message) * 7) % 5));
      const calls = Array.from({ length: 64 }, async (_, call) => ({
        message: `${call}`,
        answer: await module.say('fetch-then-echo', `${call}`),
      }));
      for (const { message, answer } of await inTime(Promise.all(calls), 'the calls')) assert.equal(answer, message);
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

    suite.itWith(['pool', 'http', 'configure'], 'hands the settings to every instance', async () => {
      await using module = await open();
      await module.subject.configure?.({ key: 'value' });
      await hold(module, INSTANCES - 1);
      const settings = 'settings:{"key":"value"}';
      assert.equal(await inTime(module.say('settings', ''), 'the settings'), settings, 'on the last instance to start');
      module.backend.release();
      const all = Array.from({ length: 4 * INSTANCES }, () => module.say('settings', ''));
      for (const seen of await inTime(Promise.all(all), 'the settings')) assert.equal(seen, settings);
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

/** Sees to it that so many calls wait inside the guest, each in an instance of its own. */
async function hold(module: OpenModule, count: number): Promise<{ readonly answers: readonly Promise<string>[] }> {
  const answers: Promise<string>[] = [];
  for (let call = 0; call < count; call += 1) {
    const gate = module.backend.gate(`held-${call}`);
    const answer = module.say('fetch-then-echo', `held-${call}`);
    answers.push(answer);
    await inTime(gate.reached, `held call ${call} reaching its backend`);
  }
  return { answers };
}
