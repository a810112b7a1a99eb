import { type Code, call, i32, i64, WasmBuilder } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Isolation } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { defineKit, type ExtismBody, extismModule } from './extism-kit.ts';

const KIB = 1024;
const LIMIT = 64 * KIB;
const SUCCESS = i32.const(0);
const says = (text: string): ExtismBody => {
  return (kit) => [kit.say(text), SUCCESS];
};

/** Zeros, each of which is six characters of JSON. */
const putsOut =
  (byteLength: number): ExtismBody =>
  (kit) => {
    const bytes = i64.const(BigInt(byteLength));
    return [call(kit.setOutput, call(kit.alloc, bytes), bytes), SUCCESS];
  };

const fails =
  (byteLength: number): ExtismBody =>
  (kit) => [call(kit.setError, call(kit.alloc, i64.const(BigInt(byteLength)))), i32.const(1)];

const refused = (what: RegExp) => ({
  code: 'RUNTIME_BAD_MESSAGE',
  cause: { code: 'ABI_MESSAGE_TOO_LARGE', message: expect.stringMatching(what) },
});
const LONGER = /than the limit of 65536; pass less at once, or raise "maxMessageBytes" \("limits.maxMessageBytes" in /;
const VALUES = /the values of the message of the guest take more of the host's memory than the limit of 524288;/;

describe.each<Isolation>(['inline', 'worker'])('a plug-in for Extism %s', (isolation) => {
  test('that puts out, or says as an error, what is longer than a message as JSON is refused by the limit, and lives on', async () => {
    const bodies = { small: putsOut(10 * KIB), large: putsOut(20 * KIB), error: fails(200 * KIB) };
    const exports = { small: {}, large: {}, error: {} };
    await using opened = await openPlugin(extismModule(bodies), { isolation, exports, maxMessageBytes: LIMIT });
    await expect(opened.plugin.execute('large', {})).rejects.toMatchObject(refused(LONGER));
    await expect(opened.plugin.execute('error', {})).rejects.toMatchObject(refused(LONGER));
    const { data } = await opened.plugin.execute('small', {});
    expect(data).toBe('\0'.repeat(10 * KIB));
    await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: 0 });
  });

  test('of hyper-mcp that tells its client what would take many times the limit of memory is refused that, and lives on', async () => {
    const wasm = new WasmBuilder();
    const tell = wasm.import('extism:host/user', 'notify_progress', ['i64'], 'void');
    const kit = defineKit(wasm);
    const tools = [{ name: 'greet', inputSchema: { type: 'object' } }];
    const answers = (name: string, code: Code<'void'>[], said: object): void => {
      wasm.function({ params: [], result: 'i32', export: name }, () => [
        ...code,
        kit.say(JSON.stringify(said)),
        SUCCESS,
      ]);
    };
    answers('list_tools', [], { tools });
    answers('call_tool', [call(tell, kit.block(`{"x":[${'[],'.repeat(18_000)}[]]}`))], { content: [] });
    await using opened = await openPlugin(wasm.build(), { isolation, maxMessageBytes: LIMIT });
    const { data, isError } = await opened.plugin.execute('greet', {});
    expect([isError, data]).toEqual([true, expect.stringMatching(VALUES)]);
    expect(await opened.plugin.tools()).toMatchObject([{ name: 'greet' }]);
  });

  test('of hyper-mcp whose JSON would take many times the limit of memory is refused before it is parsed', async () => {
    const tools = [{ name: 'greet', inputSchema: { type: 'object' } }];
    const nested = `{"content":[],"_meta":{"x":[${'[],'.repeat(18_000)}[]]}}`;
    const bodies = { describe: says(JSON.stringify({ tools })), call: says(nested) };
    await using opened = await openPlugin(extismModule(bodies), { isolation, maxMessageBytes: LIMIT });
    await expect(opened.plugin.execute('greet', {})).rejects.toMatchObject(refused(VALUES));
    expect(await opened.plugin.tools()).toMatchObject([{ name: 'greet' }]);
  });
});
