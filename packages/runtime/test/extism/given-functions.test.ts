import { call, i32, i64, type ValueType, WasmBuilder } from '@lockgate/testkit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { GivenFunction, Isolation } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { defineKit } from './extism-kit.ts';

const exports = { ask: { input: 'text' }, nothing: { input: 'text' } } as const;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** A plug-in whose `ask` puts out what `join` answers to the input, no block and "x"; `nothing` tells what `tell` gives. */
function asking(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const user = <const P extends readonly ValueType[], R extends 'i64' | 'void'>(name: string, params: P, result: R) =>
    wasm.import('extism:host/user', name, params, result);
  const join = user('join', ['i64', 'i64', 'i64'], 'i64');
  const tell = user('tell', [], 'void');
  const kit = defineKit(wasm);
  wasm.function({ params: [], result: 'i32', export: 'ask' }, (scope) => {
    const handle = scope.local('i64');
    return [
      handle.set(call(join, call(kit.inputOffset), i64.const(0n), kit.block('x'))),
      call(kit.setOutput, handle.get, call(kit.length, handle.get)),
      i32.const(0),
    ];
  });
  wasm.function({ params: [], result: 'i32', export: 'nothing' }, () => [call(tell), i32.const(0)]);
  return wasm.build();
}

const join: GivenFunction = async (args) => encode(`<${args.map(decode).join('|')}>`);
const tell: GivenFunction = () => undefined;

describe.each<Isolation>(['inline', 'worker'])(
  'a plug-in for Extism %s that imports functions by name',
  (isolation) => {
    test('is refused without them, and the error names all that is missing', async () => {
      await expect(openPlugin(asking(), { isolation, exports })).rejects.toMatchObject({
        code: 'RUNTIME_LINK',
        message: expect.stringContaining('"join", "tell"'),
      });
      await expect(openPlugin(asking(), { isolation, exports, functions: { join } })).rejects.toThrow('given: "tell"');
    });

    test('hands them its blocks and is given their answers, or nothing', async () => {
      const callers: unknown[] = [];
      const heard: GivenFunction = (_args, { caller }) => {
        callers.push(caller);
        return undefined;
      };
      await using opened = await openPlugin(asking(), { isolation, exports, functions: { join, tell: heard } });
      const { plugin } = opened;
      expect((await plugin.execute('ask', { input: 'héllo' })).data).toBe('<héllo||x>');
      expect((await plugin.execute('ask', { input: '' })).data).toBe('<||x>');
      expect(await plugin.execute('nothing', { input: '' }, { caller: 'ann' })).toMatchObject({ isError: false });
      expect(callers).toEqual(['ann']);
      expect(await plugin.features()).toEqual({ methods: [], usesFunctions: true });
    });

    test('fails its call with what a function throws, is told of its own re-entry, and lives on', async () => {
      let functionOf: GivenFunction = () => {
        throw new Error('the shelf is empty');
      };
      const functions = { join: ((...given) => functionOf(...given)) as GivenFunction, tell };
      await using opened = await openPlugin(asking(), { isolation, exports, functions });
      const { plugin } = opened;
      const ask = () => plugin.execute('ask', { input: '1' });
      const failed = (words: string) => ({
        data: `the function "join" of the host failed: ${words}`,
        isError: true,
      });
      expect(await ask()).toEqual(failed('the shelf is empty'));
      functionOf = async () => encode((await ask()).data);
      expect(await ask()).toMatchObject({
        isError: true,
        data: expect.stringContaining('led back to the module itself'),
      });
      functionOf = join;
      expect((await ask()).data).toBe('<1||x>');
      expect(await plugin.stats()).toMatchObject({ traps: 0, recycled: 0 });
    });

    test('is told no more than the message limit allows', async () => {
      const functions = { join: () => new Uint8Array(2_000), tell };
      await using opened = await openPlugin(asking(), { isolation, exports, functions, maxMessageBytes: 1_024 });
      expect(await opened.plugin.execute('ask', { input: '' })).toMatchObject({
        isError: true,
        data: expect.stringContaining('above the limit of 1024'),
      });
    });
  },
);

describe('a function that waits for people', () => {
  afterEach(() => void vi.useRealTimers());

  test('holds the deadline of the call, which then starts again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const asked = Promise.withResolvers<() => void>();
    const answer = Promise.withResolvers<Uint8Array>();
    const waits: GivenFunction = (_args, { hold }) => {
      asked.resolve(hold());
      return answer.promise;
    };
    const functions = { join: waits, tell };
    await using opened = await openPlugin(asking(), { isolation: 'inline', exports, functions, callTimeoutMs: 1_000 });
    const called = opened.plugin.execute('ask', { input: '' });
    const release = await asked.promise;
    await vi.advanceTimersByTimeAsync(600_000);
    release();
    await vi.advanceTimersByTimeAsync(999);
    const outcome = expect(called).rejects.toMatchObject({ code: 'RUNTIME_CALL_TIMEOUT' });
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
    answer.resolve(encode('late'));
  });
});
