import { exitingGuest, trappingGuard, trappingGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { createRuntime, type Isolation } from '../src/index.ts';
import { openPlugin } from './open-plugin.ts';

describe.each<Isolation>(['worker', 'inline'])('a trap, isolation %s', (isolation) => {
  test.each([
    ['traps', trappingGuest(), 'unreachable'],
    ['leaves', exitingGuest({ exitCode: 2 }), 'the guest left with exit code 2 instead of answering'],
  ])('is told with what the plugin wrote before it %s, to its caller alone', async (_what, bytes, reason) => {
    await using opened = await openPlugin(bytes, { isolation });
    const misbehave = (): Promise<unknown> => opened.plugin.execute('misbehave', { message: 'x' });
    await expect(misbehave()).rejects.toMatchObject({
      code: 'RUNTIME_GUEST_TRAP',
      facts: { reason, lastWords: 'enter x' },
      message: expect.stringContaining(`${reason}; before that it wrote "enter x". The instance was replaced`),
    });
    // The next caller hears of the crash loop, and of no other call's words.
    for (let n = 0; n < 4; n++) await misbehave().catch(() => undefined);
    const next = opened.plugin.execute('echo', { message: 'y' });
    await expect(next).rejects.toMatchObject({ code: 'RUNTIME_CRASH_LOOP' });
    await expect(next).rejects.not.toThrow(/enter|wrote/);
  });

  test('is told without words of an earlier call', async () => {
    await using opened = await openPlugin(trappingGuest({ in: 'tools' }), { isolation });
    await opened.plugin.execute('echo', { message: 'x' });
    const trapped = opened.plugin.tools();
    await expect(trapped).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    await expect(trapped).rejects.not.toThrow(/wrote/);
  });

  test('of a guard is told without its words, which may repeat what it labels', async () => {
    await using runtime = await createRuntime({ isolation });
    const guard = await runtime.loadGuard(trappingGuard({ in: 'label_response' }), {
      name: 'guard',
      callBackend: () => Promise.reject(new Error('none')),
    });
    const trapped = guard.labelResponse({ tool: 'read', args: {}, result: {} });
    await expect(trapped).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    await expect(trapped).rejects.not.toThrow(/wrote/);
  });
});
