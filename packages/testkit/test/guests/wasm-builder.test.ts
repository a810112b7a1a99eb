import { describe, expect, test } from 'vitest';
import { call, flow, HEAP_BASE, i32, i64, memory, WasmBuilder } from '../../src/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: exports are as varied as the modules.
function run(wasm: WasmBuilder, imports: WebAssembly.Imports = {}): any {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm.build()), imports).exports;
}

describe('WasmBuilder', () => {
  test('an empty module is whole, and has a memory', () => {
    const { memory } = run(new WasmBuilder({ minPages: 1, maxPages: 3 }));
    expect(memory.buffer.byteLength).toBe(65_536);
    expect(() => memory.grow(3)).toThrow(RangeError);
  });

  test('functions take parameters, have locals, call themselves and others', () => {
    const wasm = new WasmBuilder();
    const twice = wasm.import('env', 'twice', ['i32'], 'i32');
    const factorial = wasm.function({ params: ['i32'], result: 'i32' }, ({ self }, n) => [
      flow.either(n.get, i32.mul(n.get, call(self, i32.sub(n.get, i32.const(1)))), i32.const(1)),
    ]);
    wasm.function({ params: ['i32'], result: 'i32', export: 'run' }, (scope, n) => {
      const result = scope.local('i32');
      return [result.set(call(factorial, n.get)), call(twice, result.get)];
    });
    expect(run(wasm, { env: { twice: (value: number) => value * 2 } }).run(5)).toBe(240);
  });

  test('loops, branches and early returns', () => {
    const wasm = new WasmBuilder();
    wasm.function({ params: ['i32'], result: 'i32', export: 'firstSquareAbove' }, (scope, limit) => {
      const n = scope.local('i32');
      return [
        flow.forever([
          flow.if(i32.gtU(i32.mul(n.get, n.get), limit.get), [flow.return(n.get)]),
          n.set(i32.add(n.get, i32.const(1))),
        ]),
        flow.trap('i32'),
      ];
    });
    expect(run(wasm).firstSquareAbove(1000)).toBe(32);
  });

  test('data, globals and 64-bit integers', () => {
    const wasm = new WasmBuilder();
    const hello = wasm.text('hello');
    expect(wasm.text('hello')).toEqual(hello);
    const calls = wasm.global('i64', -1n);
    wasm.function({ params: [], result: 'i64', export: 'next' }, () => [
      calls.set(i64.or(i64.shl(calls.get, i64.const(1n)), i64.const(0n))),
      calls.get,
    ]);
    wasm.function({ params: ['i32'], result: 'void', export: 'fill' }, (_scope, at) => [
      memory.copy(at.get, i32.const(hello.pointer), i32.const(hello.byteLength)),
    ]);
    const exports = run(wasm);
    expect([exports.next(), exports.next()]).toEqual([-2n, -4n]);
    exports.fill(HEAP_BASE);
    expect(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, HEAP_BASE, 5))).toBe('hello');
  });

  test.each([0, -1, 1, 63, 64, -64, -65, 127, 128, 0x7fff_ffff, -0x8000_0000])('encodes the constant %i', (value) => {
    const wasm = new WasmBuilder();
    wasm.function({ params: [], result: 'i32', export: 'get' }, () => [i32.const(value)]);
    wasm.function({ params: [], result: 'i64', export: 'getLong' }, () => [i64.const(BigInt(value) << 31n)]);
    expect(run(wasm).get()).toBe(value);
    expect(run(wasm).getLong()).toBe(BigInt(value) << 31n);
  });

  test('custom sections are kept', () => {
    const wasm = new WasmBuilder();
    wasm.custom('note', Uint8Array.of(1, 2, 3));
    const [note] = WebAssembly.Module.customSections(new WebAssembly.Module(wasm.build()), 'note');
    expect([...new Uint8Array(note as ArrayBuffer)]).toEqual([1, 2, 3]);
  });

  test('refuses an import after a function, and data that reaches into the heap', () => {
    const wasm = new WasmBuilder();
    wasm.function({ params: [], result: 'void' }, () => []);
    expect(() => wasm.import('env', 'late', [], 'void')).toThrow('Import "env.late" before defining functions.');
    expect(() => wasm.bytes(new Uint8Array(HEAP_BASE))).toThrow('first 64 KiB');
  });
});
