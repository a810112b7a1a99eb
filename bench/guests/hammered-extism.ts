import { call, flow, i32, i64, memory, WasmBuilder } from '@lockgate/testkit';

const HOST = 'extism:host/env';
const FAR = 1_000_000_000_000n;

/** What its answers of `echo` begin with, in bytes: the version and a colon. */
const PREFIX_BYTES = 2;

/** What the functions are that a version of the plug-in exports, and how the host asks each. */
export const HAMMERED_EXPORTS = Object.fromEntries(
  ['echo', 'fail', 'trap', 'spin', 'bomb', 'huge', 'lost', 'ask'].map((name) => [
    name,
    { input: 'text' as const, inputSchema: { type: 'object', properties: { message: { type: 'string' } } } },
  ]),
);

/**
 * A plug-in for Extism that does well and badly: `echo` answers its input after the version's name, `fail` says it as an error, `trap`
 * traps, `spin` never comes back, `bomb` takes all memory that there is and traps, `huge` puts out so many bytes, `lost` what is not there, and `ask` puts out what the
 * host's function `ask` answers.
 */
export function hammeredExtism(version: 'A' | 'B', hugeBytes: number): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const alloc = wasm.import(HOST, 'alloc', ['i64'], 'i64');
  const length = wasm.import(HOST, 'length', ['i64'], 'i64');
  const inputOffset = wasm.import(HOST, 'input_offset', [], 'i64');
  const inputLength = wasm.import(HOST, 'input_length', [], 'i64');
  const inputByte = wasm.import(HOST, 'input_load_u8', ['i64'], 'i32');
  const storeByte = wasm.import(HOST, 'store_u8', ['i64', 'i32'], 'void');
  const setOutput = wasm.import(HOST, 'output_set', ['i64', 'i64'], 'void');
  const setError = wasm.import(HOST, 'error_set', ['i64'], 'void');
  const ask = wasm.import('extism:host/user', 'ask', ['i64'], 'i64');
  const name = wasm.text(`${version}:`);

  wasm.function({ params: [], result: 'i32', export: 'echo' }, (scope) => {
    const [handle, at, end] = [scope.local('i64'), scope.local('i32'), scope.local('i32')];
    const address = i64.extend(i32.add(i32.wrap(handle.get), at.get));
    const isName = i32.ltU(at.get, i32.const(PREFIX_BYTES));
    const nameByte = i32.load8(i32.add(i32.const(name.pointer), at.get));
    return [
      end.set(i32.add(i32.wrap(call(inputLength)), i32.const(PREFIX_BYTES))),
      handle.set(call(alloc, i64.extend(end.get))),
      flow.while(i32.ltU(at.get, end.get), [
        call(
          storeByte,
          address,
          flow.either(isName, nameByte, call(inputByte, i64.extend(i32.sub(at.get, i32.const(PREFIX_BYTES))))),
        ),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
      call(setOutput, handle.get, i64.extend(end.get)),
      i32.const(0),
    ];
  });
  wasm.function({ params: [], result: 'i32', export: 'fail' }, () => [call(setError, call(inputOffset)), i32.const(1)]);
  wasm.function({ params: [], result: 'i32', export: 'trap' }, () => [flow.trap('i32')]);
  wasm.function({ params: [], result: 'i32', export: 'spin' }, () => [flow.forever([]), i32.const(0)]);
  wasm.function({ params: [], result: 'i32', export: 'bomb' }, () => [
    flow.while(i32.ne(memory.grow(i32.const(16)), i32.const(-1)), []),
    flow.trap('i32'),
  ]);
  wasm.function({ params: [], result: 'i32', export: 'huge' }, () => {
    const bytes = i64.const(BigInt(hugeBytes));
    return [call(setOutput, call(alloc, bytes), bytes), i32.const(0)];
  });
  wasm.function({ params: [], result: 'i32', export: 'lost' }, () => [
    call(setOutput, i64.const(FAR), i64.const(4n)),
    i32.const(0),
  ]);
  wasm.function({ params: [], result: 'i32', export: 'ask' }, (scope) => {
    const handle = scope.local('i64');
    return [
      handle.set(call(ask, call(inputOffset))),
      call(setOutput, handle.get, call(length, handle.get)),
      i32.const(0),
    ];
  });
  return wasm.build();
}
