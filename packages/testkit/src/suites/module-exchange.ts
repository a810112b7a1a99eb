import assert from 'node:assert/strict';
import type { ModuleSuiteOptions } from '../subjects.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { inTime } from '../tools/in-time.ts';
import { openModule } from './open-module.ts';

const LARGE_BYTES = 400_000;

/** What goes in and out of a guest's memory arrives whole, and everything is given back. */
export function moduleExchangeSuite(t: TestApi, options: ModuleSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);

  t.describe('exchange', () => {
    suite.it('any text makes the way in and out unchanged', async () => {
      await using module = await openModule(options, 'fetch-echo');
      for (const message of ['', 'plain', '"quoted" \\ back\nslash', 'zwölf Boxkämpfer', '日本語', '😀\u0000\u2028']) {
        assert.equal(await inTime(module.say('echo', message), 'an echo'), message);
      }
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

    suite.it('a tool’s error is an answer, not a failure', async () => {
      await using module = await openModule(options, 'fetch-echo');
      const answer = await inTime(module.subject.execute('no-such-tool', {}), 'the call of an unknown tool');
      assert.deepEqual({ data: answer.data, isError: answer.isError }, { data: 'no such tool', isError: true });
    });
  });
}
