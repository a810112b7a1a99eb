import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { lacks, SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { leakCheck } from '../tools/leak-check.ts';
import { Trace } from '../tools/trace.ts';
import { AFTER_CLOSE } from './after-close.ts';
import { type OpenModule, openModule, reaches } from './open-module.ts';

/** What `close` promises to the running call, to waiters, to late comers and to whoever closes again. */
export function moduleLifecycleSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);
  const open = () => openModule(options, 'fetch-echo');

  t.describe('on a closed module', () => {
    for (const { title, wanted, begin } of AFTER_CLOSE) {
      suite.itWith(wanted, title, async () => {
        await using module = await open();
        await inTime(module.subject.close(), 'closing an idle module');
        await inTime(begin(module.subject), 'the answer of a closed module');
      });
    }

    suite.itWith(['afterClose', 'questions'], 'name answers the name that was set', async () => {
      await using module = await openModule(options, 'fetch-echo', { name: 'override' });
      assert.equal(await module.subject.name?.(), 'override', 'the name of the open module');
      await module.subject.close();
      assert.equal(await inTime(Promise.resolve(module.subject.name?.()), 'the name'), 'override');
    });

    suite.itWith(['questions'], 'what it was asked while open is not answered from memory', async () => {
      await using asked = await open();
      await using unasked = await open();
      for (const question of QUESTIONS)
        await inTime(Promise.resolve(asked.subject[question]?.()), `${question} while open`);
      await inTime(Promise.all([asked.subject.close(), unasked.subject.close()]), 'closing two idle modules');
      for (const question of QUESTIONS) {
        const [late, wanted] = [asked, unasked].map(({ subject }) => Promise.resolve(subject[question]?.()));
        assert.deepEqual(
          await inTime(Promise.resolve(late), `${question} of a closed module`),
          await inTime(Promise.resolve(wanted), `${question} of a closed module`),
          `${question} after the close, having been asked before, and not having been. Look whether the module is closed first, at what you remember second`,
        );
      }
    });

    suite.it('a late call ends, and does not enter the guest', async () => {
      await using module = await open();
      await inTime(module.subject.close(), 'closing an idle module');
      await inTime(outcome(module), 'a call on a closed module');
      assert.deepEqual(module.trace.after('enter '), []);
    });

    suite.it('close can be called again', async () => {
      await using module = await open();
      await inTime(module.subject.close(), 'the first close');
      await inTime(module.subject.close(), 'the second close');
    });
  });

  t.describe('on a module that is closing', () => {
    for (const { title, wanted, begin } of AFTER_CLOSE) {
      suite.itWith(['http', ...wanted], title, async () => {
        await using module = await open();
        const { answer } = await hold(module);
        const closed = module.subject.close();
        await inTime(begin(module.subject), 'the answer of a closing module, while a call still runs');
        await letGo(module, answer, closed);
      });
    }
  });

  t.describe('close', () => {
    suite.itWith(['http', 'turnsAway', 'guestLog'], 'turns waiters away at once, each with its answer', async () => {
      await using module = await open();
      const { answer } = await hold(module);
      const told = AFTER_CLOSE.filter(
        ({ entersGuest, wanted }) => entersGuest && !wanted.some((ability) => lacks(options.supports, ability)),
      );
      // One at least, whose answer may be any.
      const waiting = [outcome(module), ...told.map(({ begin }) => begin(module.subject))];
      const closed = module.subject.close();
      await inTime(Promise.all(waiting), 'the waiters, while a call still runs');
      await letGo(module, answer, closed);
      assert.deepEqual(module.trace.after('enter '), ['held'], 'calls that entered the guest');
    });

    suite.itWith(['http'], 'lets the running call finish with its own answer', async () => {
      await using module = await open();
      const { answer } = await hold(module);
      const closed = module.subject.close();
      await idle(); // a subject that cuts its caller off gets its chance
      module.backend.release();
      assert.equal(await inTime(answer, 'the call that ran when close was called'), 'held');
      await inTime(closed, 'the close');
    });

    suite.itWith(['http'], 'resolves when the running call has ended, not before', async () => {
      await using module = await open();
      const order = new Trace();
      const { answer } = await hold(module);
      const ended = answer.catch(() => undefined).then(() => order.record('call ended'));
      const closed = module.subject.close().then(() => order.record('closed'));
      await idle(); // a subject that does not wait gets its chance
      const early = order.lines.includes('closed') && !order.lines.includes('call ended');
      module.backend.release();
      await inTime(Promise.all([ended, closed]), 'the call and the close');
      assert.equal(early, false, 'close resolved while a call was still inside');
    });

    suite.itWith(['http'], 'answers a second caller no sooner than the first', async () => {
      await using module = await open();
      const order = new Trace();
      const { answer } = await hold(module);
      const closes = [
        module.subject.close().then(() => order.record('first')),
        module.subject.close().then(() => order.record('second')),
      ];
      await idle(); // a subject that takes "closing" for "closed" gets its chance
      const early = [...order.lines];
      await letGo(module, answer, Promise.all(closes));
      assert.ok(!early.includes('second') || early.includes('first'), 'the second close resolved before the first');
    });

    suite.itWith(['http'], 'may be called from inside a call', async () => {
      await using module = await open();
      let closed: Promise<void> | undefined;
      module.backend.on('inside', async () => {
        closed = module.subject.close();
      });
      await inTime(outcome(module, 'fetch-then-echo', 'inside'), 'the call that closes its own module');
      await inTime(Promise.resolve(closed), 'the close from inside a call');
    });

    suite.itWith(['dispose'], 'is what leaving the scope of "await using" does', async () => {
      await using module = await open();
      const { subject } = module;
      assert.equal(typeof subject[Symbol.asyncDispose], 'function');
      await inTime(Promise.resolve(subject[Symbol.asyncDispose]?.()), 'the disposal');
      const late = subject.execute('echo', { message: 'late' }).catch(() => ({ isError: true }));
      assert.equal((await inTime(late, 'a call on a disposed module')).isError, true, 'a disposed module still works');
    });

    suite.it('leaves no worker, timer, handle or listener behind', async () => {
      await leakCheck(async () => {
        await using module = await open();
        assert.equal(await module.say('echo', 'a'), 'a');
      });
    });
  });
}

const QUESTIONS = ['name', 'tools', 'metadata', 'healthy'] as const;

/** Starts a call and keeps it inside the guest until the backend is released. */
async function hold(module: OpenModule): Promise<{ readonly answer: Promise<string> }> {
  const gate = module.backend.gate('held');
  const answer = module.say('fetch-then-echo', 'held');
  await reaches(gate, answer);
  return { answer };
}

async function letGo(module: OpenModule, answer: Promise<string>, closed: Promise<unknown>): Promise<void> {
  module.backend.release();
  await inTime(Promise.allSettled([answer, closed]), 'the running call and the close');
}

/** Any end of a call will do: an answer, an error result or a rejection. */
async function outcome(module: OpenModule, tool = 'echo', message = 'late'): Promise<void> {
  await module.subject.execute(tool, { message }).catch(() => undefined);
}
