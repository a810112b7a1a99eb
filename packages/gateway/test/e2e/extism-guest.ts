import { call, flow, i32, i64, WasmBuilder } from '@lockgate/testkit';

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

/** A plug-in for hyper-mcp that lists these tools, and answers each call with this result. */
export function hyperMcp(list: object, result: object): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const module = 'extism:host/env';
  const alloc = wasm.import(module, 'alloc', ['i64'], 'i64');
  const storeByte = wasm.import(module, 'store_u8', ['i64', 'i32'], 'void');
  const setOutput = wasm.import(module, 'output_set', ['i64', 'i64'], 'void');
  for (const [name, answer] of Object.entries({ describe: list, call: result })) {
    const { pointer, byteLength } = wasm.text(JSON.stringify(answer));
    wasm.function({ params: [], result: 'i32', export: name }, (scope) => {
      const handle = scope.local('i64');
      const index = scope.local('i32');
      return [
        handle.set(call(alloc, i64.const(BigInt(byteLength)))),
        flow.while(i32.ltU(index.get, i32.const(byteLength)), [
          call(
            storeByte,
            i64.extend(i32.add(i32.wrap(handle.get), index.get)),
            i32.load8(i32.add(i32.const(pointer), index.get)),
          ),
          index.set(i32.add(index.get, i32.const(1))),
        ]),
        call(setOutput, handle.get, i64.const(BigInt(byteLength))),
        i32.const(0),
      ];
    });
  }
  return wasm.build();
}
