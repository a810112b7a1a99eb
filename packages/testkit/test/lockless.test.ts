import { describe, expect, test } from 'vitest';
import { Backend, echoGuest, hammer, moduleHammerSuite } from '../src/index.ts';
import { runSuite } from './broken/run-suite.ts';
import { type ModuleFault, ReferencePlugin } from './reference/reference-plugin.ts';

const CALLERS = 64;
const CALLS_EACH = 80;

/** 64 callers on one real guest, mixing quick calls with calls that wait on HTTP; counts what went wrong. */
async function load(fault?: ModuleFault): Promise<{ calls: number; wrong: number; failed: number }> {
  const backend = new Backend((message) => (Number(message) * 7) % 5);
  const plugin = new ReferencePlugin(
    {
      guest: 'fetch-echo',
      bytes: echoGuest({ http: true }),
      fetch: backend.fetch,
      onGuestLog: () => undefined,
      onWarning: () => undefined,
    },
    fault,
  );
  const count = { calls: 0, wrong: 0, failed: 0 };
  await hammer({ workers: CALLERS, loops: CALLS_EACH }, async (worker, loop) => {
    const message = `${worker * CALLS_EACH + loop}`;
    count.calls += 1;
    try {
      const answer = await plugin.execute((worker + loop) % 3 === 0 ? 'fetch-then-echo' : 'echo', { message });
      if (answer.isError || answer.data !== message) count.wrong += 1;
    } catch {
      count.failed += 1;
    }
  });
  return count;
}

describe('64 callers on a real guest', () => {
  test('with the lock, every answer is the right one', async () => {
    expect(await load()).toEqual({ calls: CALLERS * CALLS_EACH, wrong: 0, failed: 0 });
  });

  test('with the lock taken out, answers are wrong or the guest traps', async () => {
    const { calls, wrong, failed } = await load('no lock');
    console.log(`without the lock: ${wrong} wrong answers and ${failed} failures in ${calls} calls`);
    expect(wrong + failed).toBeGreaterThan(0);
  });

  test('and the hammer suite sees it', async () => {
    const outcomes = await runSuite((t) =>
      moduleHammerSuite(t, {
        create: async (options) => new ReferencePlugin(options, 'no lock'),
        workers: CALLERS,
        loops: 10,
      }),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });
});
