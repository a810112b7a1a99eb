import { call, exitingGuest, flow, i32, i64, trappingGuard, trappingGuest, WasmBuilder } from '@lockgate/testkit';
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
    const logged = opened.warnings.map(({ fields, message }) => [message, { ...(fields.err as object | undefined) }]);
    expect(logged).toContainEqual(['guest failed; replacing the instance', expect.anything()]);
    expect(JSON.stringify(logged)).not.toContain('enter x');
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

test('a guest that traps over its settings before a call tells that caller nothing of them', async () => {
  // Which of the two instances answers first is not for us to say: it is tried until the one that trapped had answered.
  let reason: unknown;
  for (let attempt = 0; reason === undefined && attempt < 100; attempt++) {
    await using opened = await openPlugin(moodyGuest(), { instances: { min: 2, max: 2 } });
    const { plugin } = opened;
    // One instance has answered a call, and the other one accepts the settings meanwhile.
    await Promise.allSettled([plugin.execute('any', {}), plugin.configure({ key: '4711' })]);
    const both = await Promise.allSettled([plugin.execute('any', {}), plugin.execute('any', {})]);
    reason = both.find((result) => result.status === 'rejected')?.reason;
    if (reason !== undefined) expect(opened.lines).toContain('the key is 4711');
  }
  expect(reason).toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
  expect(String(reason)).not.toMatch(/4711|wrote/);
});

/** A plugin that says its settings aloud, and traps over them once it has answered a call. */
function moodyGuest(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const hostLog = wasm.import('env', 'host_log', ['i32', 'i32'], 'void');
  const top = wasm.global('i32', 65_536n);
  const hasAnswered = wasm.global('i32', 0n);
  const spanOf = (text: string) => {
    const { pointer, byteLength } = wasm.text(text);
    return i64.const((BigInt(pointer) << 32n) | BigInt(byteLength));
  };
  const says = (name: string, text: string) =>
    wasm.function({ params: [], result: 'i64', export: name }, () => [spanOf(text)]);
  says('name', 'moody');
  says('metadata', '{"name":"moody","version":"1.0.0","abi_version":1}');
  says('tools', '[]');
  const secret = wasm.text('the key is 4711');
  wasm.function({ params: ['i64'], result: 'i64', export: 'configure' }, () => [
    call(hostLog, i32.const(secret.pointer), i32.const(secret.byteLength)),
    flow.if(hasAnswered.get, [flow.trap('void')]),
    i64.const(0n),
  ]);
  wasm.function({ params: ['i64'], result: 'i64', export: 'execute' }, () => [
    hasAnswered.set(i32.const(1)),
    spanOf('{"data":"fine"}'),
  ]);
  wasm.function({ params: [], result: 'i32', export: 'healthy' }, () => [i32.const(1)]);
  wasm.function({ params: ['i32'], result: 'i32', export: 'malloc' }, (scope, size) => {
    const block = scope.local('i32');
    return [block.set(top.get), top.set(i32.add(top.get, size.get)), block.get];
  });
  wasm.function({ params: ['i32'], result: 'void', export: 'free' }, () => []);
  return wasm.build();
}
