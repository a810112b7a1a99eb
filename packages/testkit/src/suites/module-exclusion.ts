import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { lacks, SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule, reaches } from './open-module.ts';

/** One call at a time enters an instance, in the order they came; whoever leaves the queue gives up no one else's turn. */
export function moduleExclusionSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);

  t.describe('exclusion', () => {
    suite.itWith(['http', 'guestLog'], 'keeps every other call out while one waits on HTTP', async () => {
      await using module = await openModule(options, 'talkative');
      const { subject, trace, backend } = module;
      const gate = backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const others = [
        module.say('echo', 'b'),
        subject.configure?.({ key: 'value' }),
        subject.name?.(),
        subject.tools?.(),
        subject.metadata?.(),
        subject.healthy?.(),
      ];
      await idle(); // a subject without a lock gets its chance to let the others in
      gate.open();
      await inTime(Promise.allSettled([first, ...others]), 'the calls that waited');
      trace.assertExclusive();
    });

    suite.itWith(['http', 'guestLog'], 'lets waiting calls in in the order they came', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      // Whatever else a call brings along gives it no other place in the queue.
      const more = lacks(options.supports, 'signal') ? {} : { signal: new AbortController().signal };
      const waiting = ['b', 'c', 'd', 'e'].map((message, index) =>
        module.say('echo', message, index % 2 === 1 ? more : undefined),
      );
      gate.open();
      await inTime(Promise.allSettled([first, ...waiting]), 'the calls that waited');
      assert.deepEqual(module.trace.after('enter '), ['a', 'b', 'c', 'd', 'e']);
    });

    suite.itWith(['http', 'signal'], 'a waiter whose signal aborts leaves at once, with the reason', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      module.backend.gate('b');
      const reason = new Error('the client has gone');
      const leaving = new AbortController();
      const second = module.say('fetch-then-echo', 'b', { signal: leaving.signal });
      leaving.abort(reason);
      await inTime(assert.rejects(second, reason), 'the aborted waiter, while the first call still runs');
      gate.open();
      await inTime(Promise.allSettled([first]), 'the first call');
    });

    suite.itWith(['http', 'signal', 'guestLog'], 'an aborted waiter lets nobody in before their turn', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const second = module.say('echo', 'b');
      const leaving = new AbortController();
      const third = module.say('echo', 'c', { signal: leaving.signal });
      await idle();
      const before = module.trace.after('enter ').length;
      leaving.abort();
      await idle(); // a subject that gives up a lock it does not hold gets its chance
      const after = module.trace.after('enter ').length;
      gate.open();
      await inTime(Promise.allSettled([first, second, third]), 'all three calls');
      assert.equal(after, before, 'calls that were let in by the abort of another, while the first still ran');
    });

    suite.itWith(['http', 'signal'], 'an aborted waiter gives its turn to the next', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const leaving = new AbortController();
      const second = module.say('echo', 'b', { signal: leaving.signal });
      const third = module.say('echo', 'c');
      leaving.abort();
      gate.open();
      await inTime(Promise.allSettled([first, second]), 'the calls before the one that has to get its turn');
      assert.equal(await inTime(third, 'the call behind an aborted waiter'), 'c');
    });

    suite.itWith(['signal', 'guestLog'], 'a call whose signal has aborted never enters the guest', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const reason = new Error('gone before it began');
      const call = module.say('echo', 'a', { signal: AbortSignal.abort(reason) });
      await inTime(assert.rejects(call, reason), 'the call whose signal had aborted');
      assert.equal(await inTime(module.say('echo', 'b'), 'the next call'), 'b');
      assert.deepEqual(module.trace.after('enter '), ['b']);
    });

    suite.itWith(['http', 'signal'], 'a call that comes with an aborted signal does not wait', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const late = module.say('echo', 'b', { signal: AbortSignal.abort() });
      await inTime(Promise.allSettled([late]), 'the call whose signal had aborted, while the first call still runs');
      gate.open();
      await inTime(Promise.allSettled([first]), 'the first call');
    });

    suite.itWith(['http', 'signal'], 'a call that is aborted while it runs does not spoil the next', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const reason = new Error('the client has gone');
      const leaving = new AbortController();
      const first = module.say('fetch-then-echo', 'a', { signal: leaving.signal });
      await reaches(gate, first);
      leaving.abort(reason);
      await inTime(assert.rejects(first, reason), 'the aborted call');
      assert.equal(await inTime(module.say('fetch-then-echo', 'b'), 'the call after an aborted one'), 'b');
    });

    suite.itWith(
      ['http', 'onStart', 'guestLog'],
      'tells a call that it starts just before it enters, once',
      async () => {
        await using module = await openModule(options, 'fetch-echo');
        const gate = module.backend.gate('a');
        const call = (tool: string, message: string) =>
          module.say(tool, message, { onStart: () => module.trace.record(`start ${message}`) });
        const first = call('fetch-then-echo', 'a');
        await reaches(gate, first);
        const second = call('echo', 'b');
        await idle(); // a subject that tells too early gets its chance
        gate.open();
        await inTime(Promise.allSettled([first, second]), 'both calls');
        const starts = module.trace.lines.filter((line) => !line.startsWith('leave '));
        assert.deepEqual(starts, ['start a', 'enter a', 'start b', 'enter b']);
        const { lines } = module.trace;
        assert.equal(
          lines[lines.indexOf('start b') + 1],
          'enter b',
          `what came after "start b" in ${lines.join(', ')}`,
        );
      },
    );

    suite.itWith(['http', 'reentry'], 'refuses a call from inside a call instead of waiting for itself', async () => {
      await using module = await openModule(options, 'fetch-echo');
      let inner: Promise<unknown> | undefined;
      module.backend.on('outer', async () => {
        inner = assert.rejects(module.say('echo', 'inner'));
        await inner;
      });
      assert.equal(await inTime(module.say('fetch-then-echo', 'outer'), 'the outer call'), 'outer');
      await inner;
    });
  });
}
