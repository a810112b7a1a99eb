import { builtInDialects, inspectModule } from '@lockgate/abi';
import { ConfigureRejectedError, createRuntime, LinkError } from '@lockgate/runtime';
import { call, HEAP_BASE, i32, i64, WasmBuilder } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { isolations, openStage } from './stage.ts';
import { thirdDialect } from './third-dialect.ts';

const dialects = [...builtInDialects, thirdDialect];

/** A guest of the third dialect, which logs and answers what it is asked, or else always the same. */
function thirdGuest(answer?: string): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const constant = (text: string) => {
    const { pointer, byteLength } = wasm.text(text);
    return i64.const((BigInt(pointer) << 32n) | BigInt(byteLength));
  };
  const say = wasm.import('third', 'say', ['i64'], 'void');
  const list = constant('echo');
  const fixed = answer === undefined ? undefined : constant(answer);
  wasm.function({ params: ['i32'], result: 'i32', export: 'take' }, () => [i32.const(HEAP_BASE)]);
  wasm.function({ params: ['i32'], result: 'void', export: 'give' }, () => []);
  wasm.function({ params: [], result: 'i64', export: 'list' }, () => [list]);
  wasm.function({ params: ['i64'], result: 'i64', export: 'run' }, (_scope, input) => [
    call(say, input.get),
    fixed ?? input.get,
  ]);
  return wasm.build();
}

test('a dialect from outside is recognised, and its imports are judged by its own rules', () => {
  const report = inspectModule(thirdGuest(), dialects);
  expect(report).toMatchObject({ abi: 'plugin', dialect: 'third', missing: [], unknownImports: [] });
  expect(inspectModule(thirdGuest())).toMatchObject({
    abi: 'unknown',
    unknownImports: [{ module: 'third', name: 'say' }],
  });
});

test.each(isolations)('a dialect from outside is loaded, called and hot-reloaded: %s', async (isolation) => {
  await using stage = await openStage({ isolation, dialects });
  const { loader } = stage;
  const lines: string[] = [];
  const plugin = await loader.load(thirdGuest(), { name: 'mine', onGuestLog: (_level, line) => lines.push(line) });
  expect(await plugin.tools()).toMatchObject([{ name: 'echo' }]);
  expect(await plugin.execute('echo', { message: 'hello' })).toEqual({ data: 'echo hello', isError: false });
  expect(lines).toEqual(['echo hello']);

  await loader.reload('mine', thirdGuest('the second version'));
  expect(await plugin.execute('echo', { message: 'hello' })).toEqual({ data: 'the second version', isError: false });
  expect(loader.list()).toMatchObject([{ name: 'mine', kind: 'plugin', live: { generation: 2 } }]);
});

test('what a dialect leaves out has a plain answer', async () => {
  await using stage = await openStage({ dialects });
  const plugin = await stage.runtime.loadPlugin(thirdGuest());
  expect(await plugin.name()).toBe('plugin');
  expect(await plugin.metadata()).toBeNull();
  expect(await plugin.compactSpecs()).toBeNull();
  expect(await plugin.healthy()).toBe(true);
  await expect(plugin.configure({ key: 'value' })).rejects.toThrow(ConfigureRejectedError);
  await expect(stage.runtime.loadPlugin(thirdGuest(), { settings: { key: 'value' } })).rejects.toThrow(
    ConfigureRejectedError,
  );
  await plugin.close();
  expect([await plugin.name(), await plugin.healthy()]).toEqual(['unknown', false]);
});

test('without its dialect such a guest is refused with what a plugin must export', async () => {
  await using stage = await openStage();
  const refusal = stage.runtime.loadPlugin(thirdGuest());
  await expect(refusal).rejects.toThrow(LinkError);
  await expect(refusal).rejects.toThrow(/"execute"/);
});

test('a dialect that workers cannot import says what to do', async () => {
  const { url: _, ...unreachable } = thirdDialect;
  await using runtime = await createRuntime({ dialects: [unreachable] });
  await expect(runtime.loadPlugin(thirdGuest())).rejects.toThrow(/"third" to have the "url".*"inline"/);
  await expect(runtime.loadPlugin(thirdGuest(), { isolation: 'inline' })).resolves.toBeDefined();

  const elsewhere = { ...thirdDialect, id: 'elsewhere' };
  await using other = await createRuntime({ dialects: [elsewhere] });
  await expect(other.loadPlugin(thirdGuest())).rejects.toThrow(/third-dialect\.ts to export the dialect "elsewhere"/);
  await using missing = await createRuntime({ dialects: [{ ...thirdDialect, url: 'file:///nowhere/dialect.js' }] });
  await expect(missing.loadPlugin(thirdGuest())).rejects.toThrow(/"url" of a dialect .*nowhere/);
});

test('a table of dialects has each id once, and at least one', async () => {
  await expect(createRuntime({ dialects: [thirdDialect, thirdDialect] })).rejects.toThrow(/"third" twice/);
  await expect(createRuntime({ dialects: [] })).rejects.toThrow(TypeError);
});
