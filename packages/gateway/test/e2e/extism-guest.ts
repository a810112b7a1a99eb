import { call, i32, WasmBuilder } from '@lockgate/testkit';

/** A plug-in for Extism whose exports answer with their input. */
export function extismEcho(...names: readonly string[]): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const module = 'extism:host/env';
  const inputLength = wasm.import(module, 'input_length', [], 'i64');
  const inputOffset = wasm.import(module, 'input_offset', [], 'i64');
  const setOutput = wasm.import(module, 'output_set', ['i64', 'i64'], 'void');
  for (const name of names) {
    wasm.function({ params: [], result: 'i32', export: name }, () => [
      call(setOutput, call(inputOffset), call(inputLength)),
      i32.const(0),
    ]);
  }
  return wasm.build();
}
