import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { lacks, SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { type OpenModule, openModule, reaches } from './open-module.ts';

/** How far behind a moment an abort may come and still meet whoever hands the turn on: a runtime awaits less often than that. */
const MICROTASKS = 32;

/** What the abort of one call does to the guest it leaves behind, to the turn it had, and to those who come after it. */
export function moduleAbortSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);

  t.describe('abort', () => {
    suite.itWith(
      ['http', 'signal', 'guestLog'],
      'nobody enters the instance that an aborted call is inside',
      async () => {
        await using module = await openModule(options, 'fetch-echo');
        const leaving = new AbortController();
        const first = module.say('fetch-then-echo', 'a', { signal: leaving.signal });
        await reaches(module.backend.gate('a'), first);
        leaving.abort();
        const next = module.say('count', 'next');
        await idle(); // a subject that lets the next call in gets its chance
        module.backend.release();
        await inTime(Promise.allSettled([first, next]), 'the aborted call and the next one');
        await inTime(module.trace.seen('enter next'), 'the log of the next call');
        const { lines } = module.trace;
        const left = lines.indexOf('leave a');
        const wasInside = left === -1 || left > lines.indexOf('enter next');
        const counted = await next;
        assert.ok(
          !(wasInside && Number(counted) > 1),
          `the guest counted ${counted} calls: the next call entered the instance in which the aborted one still was (${lines.join(', ')}). ` +
            'Answer the aborted caller at once, but keep the turn until the guest has left, or give the instance up and make a new one',
        );
      },
    );

    suite.itWith(
      ['signal', 'replaces', 'guestLog'],
      'a trap whose caller has gone is a trap all the same',
      async () => {
        await using module = await openModule(options, 'trapping');
        for (const message of ['before it enters', 'when it has entered']) {
          const leaving = new AbortController();
          const call = module.say('misbehave', message, { signal: leaving.signal });
          if (message === 'before it enters') leaving.abort();
          else void module.trace.seen(`enter ${message}`).then(() => leaving.abort());
          await inTime(assert.rejects(call), 'the call that is aborted and traps');
        }
        const counted = await inTime(module.say('count', ''), 'the call after a trap that nobody waited for');
        assert.equal(
          counted,
          '1',
          'calls counted by an instance that should be new. Look at how the guest ended also when its caller has gone, and replace an instance that trapped',
        );
      },
    );

    suite.itWith(['http', 'signal'], 'an abort at the moment of the turn hands the turn on', async () => {
      await using module = await openModule(options, 'fetch-echo');
      for (let microtasks = 0; microtasks < MICROTASKS; microtasks += 1) {
        for (const moment of lacks(options.supports, 'guestLog') ? MOMENTS.slice(1) : MOMENTS) {
          const [a, b, c] = ['a', 'b', 'c'].map((who) => `${who} ${microtasks} ${moment}`) as [string, string, string];
          const { answer, gate } = await hold(module, a);
          const leaving = new AbortController();
          const second = module.say('echo', b, { signal: leaving.signal });
          const third = module.say('echo', c);
          const come = moment === 'left' ? module.trace.seen(`leave ${a}`) : answer;
          void come.then(async () => {
            for (let passed = 0; passed < microtasks; passed += 1) await undefined;
            leaving.abort();
          });
          gate.open();
          await inTime(
            Promise.allSettled([answer, second]),
            'the running call, and the one aborted as its turn came',
            HAND_ON,
          );
          assert.equal(await inTime(third, 'the call behind one that was aborted just as its turn came', HAND_ON), c);
        }
      }
    });

    suite.itWith(
      ['signal', 'onStart'],
      'an abort while the call is told that it starts hands the turn on',
      async () => {
        await using module = await openModule(options, 'fetch-echo');
        const leaving = new AbortController();
        const tool = lacks(options.supports, 'http') ? 'echo' : 'fetch-then-echo';
        module.backend.gate('a');
        const first = module.say(tool, 'a', { signal: leaving.signal, onStart: () => leaving.abort() });
        const second = module.say('echo', 'b');
        const heard =
          'Ask `signal.aborted` once more where you begin to listen: a signal that has aborted tells nobody again';
        await inTime(Promise.allSettled([first]), 'the call aborted as it starts, while its backend is silent', heard);
        module.backend.release();
        assert.equal(await inTime(second, 'the call behind one that was aborted as it started', HAND_ON), 'b');
      },
    );

    suite.itWith(
      ['http', 'signal', 'guestLog'],
      'the abort of a call that waited and runs lets in one, not two',
      async () => {
        await using module = await openModule(options, 'fetch-echo');
        const { answer, gate } = await hold(module, 'a');
        const leaving = new AbortController();
        const gates = ['b', 'c', 'd'].map((message) => module.backend.gate(message));
        const aborted = module.say('fetch-then-echo', 'b', { signal: leaving.signal });
        const waiting = ['c', 'd'].map((message) => module.say('fetch-then-echo', message));
        gate.open();
        await inTime(Promise.all([answer, gates[0]?.reached]), 'the second call reaching its backend');
        leaving.abort();
        await idle(); // a subject that gives up one turn twice gets its chance
        const inside = ['c', 'd'].filter((message) => module.trace.lines.includes(`enter ${message}`));
        module.backend.release();
        await inTime(Promise.allSettled([aborted, ...waiting]), 'the calls that waited');
        assert.ok(
          inside.length < 2,
          'one abort let two calls in at once. A call gives up its turn once, when it ends: stop listening for the abort of a waiter as soon as it has its turn',
        );
      },
    );

    suite.itWith(['http', 'signal'], 'no listener stays on a signal when its calls have ended', async () => {
      await using module = await openModule(options, 'trapping');
      const { signal } = new AbortController();
      const before = getEventListeners(signal, 'abort').length;
      const { answer, gate } = await hold(module, 'a');
      const calls = Array.from({ length: 10 }, (_, call) => module.say('echo', `${call}`, { signal }));
      gate.open();
      await inTime(Promise.allSettled([answer, ...calls]), 'ten calls that waited');
      await inTime(module.say('fetch-then-echo', 'b', { signal }), 'a call that did not wait');
      await inTime(Promise.allSettled([module.say('misbehave', 'c', { signal })]), 'a call that traps');
      const { answer: running, gate: last } = await hold(module, 'd');
      const turnedAway = module.say('echo', 'e', { signal });
      const closed = module.subject.close();
      last.open();
      await inTime(Promise.allSettled([running, turnedAway, closed]), 'a call that waits when the module is closed');
      await idle(); // tidying up may take some turns
      assert.equal(
        getEventListeners(signal, 'abort').length - before,
        0,
        'listeners left on the signal of 13 calls that have ended. Remove what you add, in the wait and in the call, also where they fail: a client may use one signal for thousands of calls',
      );
    });
  });
}

const MOMENTS = ['left', 'answered'] as const;

const HAND_ON =
  'Whoever is given the turn has to give it up again, also when it finds its signal aborted: ask the signal inside the `try` whose `finally` releases';

async function hold(module: OpenModule, message: string) {
  const gate = module.backend.gate(message);
  const answer = module.say('fetch-then-echo', message);
  await reaches(gate, answer);
  return { answer, gate };
}
