import assert from 'node:assert/strict';
import { BACKEND_URL } from '../guests/plugin-parts.ts';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule, reaches } from './open-module.ts';

const LARGE_BYTES = 400_000;
/** The last ones look like others, and become those where somebody normalises. */
const TEXTS = [
  ...['', 'plain', '"quoted" \\ back\nslash', 'zwölf Boxkämpfer', '日本語', '😀\u0000\u2028', ' \tblanks\r\n '],
  ...['\uFEFFmarked', 'e\u0301', '\uFB01', '\u212B'],
];

/** Requests that fail in ways after which some clients try again by themselves, by the message of the call. */
const FAILURES: Readonly<Record<string, { readonly what: string; readonly fail: () => Promise<Response> }>> = {
  broken: { what: 'lost its connection', fail: async () => Promise.reject(new TypeError('fetch failed')) },
  busy: {
    what: 'was answered by 503',
    fail: async () => new Response('busy', { status: 503, headers: { 'retry-after': '0' } }),
  },
  limited: {
    what: 'was answered by 429',
    fail: async () => new Response('too many', { status: 429, headers: { 'retry-after': '0' } }),
  },
};

/** What goes in and out of a guest's memory arrives whole, and everything is given back. */
export function moduleExchangeSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);

  t.describe('exchange', () => {
    suite.it('any text makes the way in and out unchanged', async () => {
      await using module = await openModule(options, 'fetch-echo');
      for (const message of TEXTS) {
        const answer = await inTime(module.say('echo', message), 'an echo');
        assert.ok(
          answer === message,
          `the guest was asked to echo ${inAscii(message)}, and the answer was ${inAscii(answer)}. ` +
            'Hand text on as UTF-8 with its length: do not trim or normalise it, nor cut it at a NUL',
        );
      }
    });

    suite.it('a call leaves its arguments as they were', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const args = { message: 'mine', more: { of: ['it'] } };
      const before = structuredClone(args);
      await inTime(module.subject.execute('echo', args), 'an echo');
      assert.deepEqual(args, before, 'arguments after the call. They are the caller’s: change a copy, if anything');
    });

    suite.it('an answer is whole when the guest’s memory grows during the call', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const message = 'x'.repeat(LARGE_BYTES);
      // Compared apart from the assertion, which would print all of it.
      const answer = await inTime(module.say('echo', message), 'a large echo');
      assert.equal(answer === message, true, `a message of ${LARGE_BYTES} bytes came back as ${answer.length} others`);
    });

    suite.itWith(['liveBlocks'], 'gives every block back to the guest', async () => {
      await using module = await openModule(options, 'fetch-echo');
      for (let call = 0; call < 20; call += 1) await inTime(module.say('echo', `${call}`), 'an echo');
      await module.subject.name?.();
      await module.subject.tools?.();
      assert.equal(await module.say('live-blocks', ''), '1', 'blocks in use: only the running call’s input');
    });

    suite.itWith(['http', 'guestLog'], 'an answer is whole when the next call enters at once', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const gate = module.backend.gate('a');
      const first = module.say('fetch-then-echo', 'a');
      await reaches(gate, first);
      const messages = ['b', 'c', 'd'].map((letter) => letter.repeat(1_000));
      const waiting = messages.map((message) => module.say('echo', message));
      gate.open();
      const ends = await inTime(Promise.allSettled([first, ...waiting]), 'calls that enter one right after the other');
      const entered = module.trace.after('enter ');
      for (const [index, message] of ['a', ...messages].entries()) {
        const end = ends[index];
        if (!entered.includes(message)) continue; // refused, by a subject that has no queue
        assert.ok(
          end?.status === 'fulfilled' && end.value === message,
          `call ${index + 1} of four in a row did not get its answer back (${end?.status === 'rejected' ? end.reason : 'other text'}). ` +
            'Copy the answer out of linear memory, and free it, before the lock is let go: the next call overwrites it',
        );
      }
    });

    suite.itWith(['guestLog'], 'the same call made again enters the guest again', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const say = (message: string) => module.say('echo', message);
      const first = await inTime(Promise.allSettled([say('again')]), 'the first call');
      const second = await inTime(
        Promise.allSettled([say('again'), say('again')]),
        'the same call twice more, at once',
      );
      const answered = [...first, ...second].filter(({ status }) => status === 'fulfilled').length;
      const entered = module.trace.after('enter ').length;
      assert.ok(
        entered >= answered,
        `${answered} calls were answered, of which ${entered} entered the guest. ` +
          'Keep no answers, and join no calls: a tool may do something, or answer differently the next time',
      );
    });

    suite.itWith(['http'], 'a request of the guest that fails is not made again', async () => {
      for (const [message, { what, fail }] of Object.entries(FAILURES)) {
        await using module = await openModule(options, 'fetch-echo'); // of some ABIs, a lost request ends the instance
        let requests = 0;
        module.backend.on(message, () => {
          requests += 1;
          return fail();
        });
        // What the guest makes of it is its own affair, and of some ABIs a failure of the call.
        await inTime(Promise.allSettled([module.say('fetch-then-echo', message)]), `a call whose request ${what}`);
        await idle(); // a subject that tries again later gets its chance
        assert.equal(
          requests,
          1,
          `requests that were made where the guest made one, which ${what}. ` +
            'Tell the guest that it failed: the server may have done its part already, and the guest knows whether to try again',
        );
      }
    });

    suite.itWith(['http', 'responses'], 'a request of the guest is answered with its own response', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const told: string[] = [];
      for (const message of ['first', 'second', 'third']) {
        module.backend.on(message, async () => new Response(`response to ${message}`));
        told.push(await inTime(module.say('fetch-url', `${BACKEND_URL}${message}`), 'a call that tells its response'));
        assert.ok(
          told.at(-1)?.includes(`response to ${message}`),
          `the guest asked for "${message}" and was told ${JSON.stringify(told.at(-1))}, after ${told.length - 1} other requests. ` +
            'Keep what a request brings with the call that made it, and nowhere that the next one finds it',
        );
      }
    });

    suite.itWith(['http', 'responses'], 'a request that fails does not look like one that was answered', async () => {
      await using module = await openModule(options, 'fetch-echo');
      module.backend.on('empty', async () => new Response(new Uint8Array()));
      module.backend.on('lost', () => Promise.reject(new Error('connection reset')));
      const ask = (message: string) => module.say('fetch-url', `${BACKEND_URL}${message}`);
      const [empty, lost] = [await outcomeOf(ask('empty')), await outcomeOf(ask('lost'))];
      const remedy = 'Tell the guest of a failure as the ABI says (here, a response of status 0)';
      assert.notEqual(lost, empty, `what a guest was told of a lost request, and of an empty answer. ${remedy}`);
    });

    suite.itWith(['questions'], 'healthy asks the guest', async () => {
      await using module = await openModule(options, 'unhealthy');
      const healthy = await inTime(Promise.resolve(module.subject.healthy?.()), 'healthy');
      assert.equal(healthy, false, 'healthy of a guest whose export "healthy" answers 0: call that export each time');
    });

    suite.itWith(['configure'], 'settings replace those before, and are not merged with them', async () => {
      await using module = await openModule(options, 'fetch-echo');
      await module.subject.configure?.({ first: '1' });
      await module.subject.configure?.({ second: '2' });
      assert.equal(
        await inTime(module.say('settings', ''), 'the settings'),
        'settings:{"second":"2"}',
        'settings after two configures. Hand the guest the last ones alone: a key that was left out has to go away',
      );
    });

    suite.it('a tool’s error is an answer, not a failure', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const answer = await inTime(module.subject.execute('no-such-tool', {}), 'the call of an unknown tool');
      assert.deepEqual({ data: answer.data, isError: answer.isError }, { data: 'no such tool', isError: true });
    });
  });
}

/** So that two texts that look the same do not. */
function inAscii(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What a call came to; of some ABIs, a request that is lost ends it. */
async function outcomeOf(call: Promise<string>): Promise<string> {
  const [end] = await inTime(Promise.allSettled([call]), 'a call that asks its backend');
  return end.status === 'fulfilled' ? end.value : 'the call failed';
}
