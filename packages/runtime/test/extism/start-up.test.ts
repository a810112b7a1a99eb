import { flow, i32, WasmBuilder } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { defineKit } from './extism-kit.ts';

// What TinyGo before 0.34 builds with the Go PDK's own `wasi-reactor`.
test('a plug-in for Extism with "_start" beside "_initialize" is set up by the latter, and never started', async () => {
  const wasm = new WasmBuilder();
  const kit = defineKit(wasm);
  const isSetUp = wasm.global('i32', 0n);
  wasm.function({ params: [], result: 'void', export: '_start' }, () => [flow.trap('void')]);
  wasm.function({ params: [], result: 'void', export: '_initialize' }, () => [isSetUp.set(i32.const(7))]);
  wasm.function({ params: [], result: 'i32', export: 'tell' }, () => [kit.sayDigit(isSetUp.get), i32.const(0)]);
  await using opened = await openPlugin(wasm.build(), { isolation: 'inline', exports: { tell: {} } });
  expect(await opened.plugin.execute('tell', {})).toMatchObject({ isError: false, data: '7' });
});
