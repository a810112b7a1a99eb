import { describe, expect, test } from 'vitest';
import type { CallFrames } from '../../src/monitor/call-monitor.ts';
import { fickleStore } from './fickle-store.ts';
import { type Answers, answer, monitorWith, PlainGuard, PRIVATE } from './plain-guard.ts';

describe('what a call has seen of its agent', () => {
  /** Two monitors of one store that know the agent, and their clock. */
  async function two(answers: Answers, own: { readonly session?: null } = {}, isShared = false) {
    const { store, asked, state } = fickleStore(isShared);
    const guard = new PlainGuard(answers);
    const clock = { now: 0 };
    const limits = { limited: 2 };
    const [one, other] = [1, 2].map(() => monitorWith(guard, { store, limits, now: () => clock.now })) as [
      ReturnType<typeof monitorWith>,
      ReturnType<typeof monitorWith>,
    ];
    const ask = (at: typeof one, tool: string, work: (frames: CallFrames) => unknown = () => 'done', server?: string) =>
      at.monitor.guarded(at.call(tool, { ...own, ...(server !== undefined && { server }) }), async (frames) =>
        answer(await work(frames)),
      );
    await ask(one, 'first');
    await ask(other, 'first');
    asked.length = 0;
    return { store, asked, state, guard, clock, one, other, ask };
  }

  const SECRET: Answers = { mode: 'propagate', resource: PRIVATE };

  test('is enough for its answer, and for a count that is taken with it', async () => {
    const { asked, ask, one } = await two({ operation: 'write' });
    await ask(one, 'free');
    expect(asked).toEqual(['get', 'get']);
    await ask(one, 'limited');
    asked.length = 0;
    await ask(one, 'limited');
    expect(asked.sort()).toEqual(['compareAndSet', 'get', 'get']);
  });

  test('does not hold for what its client says later: that is checked by what the agent has read elsewhere meanwhile', async () => {
    const { guard, ask, one, other } = await two({ mode: 'propagate', operation: 'write' });
    let may: boolean | undefined;
    const asking = ask(one, 'ask', async (frames) => {
      guard.answers = SECRET;
      await ask(other, 'read');
      guard.answers = { mode: 'propagate', operation: 'write' };
      may = await frames.mayWrite('elicitation/create');
    });
    await expect(asking).rejects.toThrow(/carries secrecy.*private/);
    expect(may).toBe(false);
  });

  test('is looked at anew where the call takes long: what was reset elsewhere gives nothing any more', async () => {
    const { clock, ask, one, other } = await two({ agent: PRIVATE, resource: PRIVATE }, { session: null });
    const reading = ask(one, 'read', async () => {
      expect(await other.monitor.reset('ann')).toBe(true);
      clock.now += 2_000;
    });
    await expect(reading).rejects.toThrow(/lacks secrecy.*private/);
  });

  test('withholds nothing of its answer by itself: what the agent has read elsewhere meanwhile, it may know', async () => {
    const { guard, ask, one, other } = await two({ mode: 'filter' });
    guard.answers = { mode: 'filter', resource: PRIVATE };
    const reading = ask(one, 'read', async () => {
      guard.answers = SECRET;
      await ask(other, 'read', undefined, 'mail');
      return 'known';
    });
    await expect(reading).resolves.toEqual(answer('known'));
  });

  test('gives way to a reset from its own process at once', async () => {
    const { ask, one } = await two({ agent: PRIVATE, resource: PRIVATE }, { session: null });
    const reading = ask(one, 'read', async () => {
      expect(await one.monitor.reset('ann')).toBe(true);
    });
    await expect(reading).rejects.toThrow(/lacks secrecy.*private/);
  });

  describe('where processes tell each other', () => {
    const told = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    test('gives way to a reset at another one', async () => {
      const { ask, one, other } = await two({ agent: PRIVATE, resource: PRIVATE }, { session: null }, true);
      const reading = ask(one, 'read', async () => {
        expect(await other.monitor.reset('ann')).toBe(true);
        await told();
      });
      await expect(reading).rejects.toThrow(/lacks secrecy.*private/);
    });

    test('gives way to a grant at another one that demands something', async () => {
      const { guard, ask, one, other } = await two({ mode: 'filter' }, {}, true);
      const reading = ask(one, 'read', async () => {
        guard.answers = { mode: 'filter', agent: { secrecy: [], integrity: ['checked'] } };
        await ask(other, 'read', () => 'done', 'mail').catch(() => undefined);
        await told();
      });
      await expect(reading).rejects.toThrow(/lacks integrity.*checked/);
    });

    test('is enough while nobody tells anything, and is not kept where nobody is heard', async () => {
      const { asked, ask, one } = await two({}, {}, true);
      await ask(one, 'free');
      expect(asked).toEqual(['get', 'get']);
      const { store, asked: deaf, state } = fickleStore(true);
      state.fails = (operation) => operation === 'subscribe';
      const { monitor, call } = monitorWith(new PlainGuard(), { store });
      await monitor.guarded(call('first'), async () => answer('done'));
      deaf.length = 0;
      await monitor.guarded(call('free'), async () => answer('done'));
      expect(deaf.filter((operation) => operation === 'get')).toHaveLength(4);
    });
  });

  test('gives back what it counted where another process knew what denies it', async () => {
    const { guard, ask, one, other } = await two({ mode: 'propagate', operation: 'write' });
    await ask(one, 'limited');
    guard.answers = SECRET;
    await ask(other, 'read');
    guard.answers = { mode: 'propagate', operation: 'write' };
    await expect(ask(one, 'limited')).rejects.toThrow(/carries secrecy.*private/);
    guard.answers = { mode: 'propagate', operation: 'write', resource: PRIVATE };
    await ask(one, 'limited');
    await expect(ask(one, 'limited')).rejects.toMatchObject({ code: 'GATEWAY_TOOL_CALL_LIMIT' });
  });
});
