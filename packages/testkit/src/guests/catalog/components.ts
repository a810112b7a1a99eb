import { ComponentBuilder } from '../component-builder.ts';
import { flow, i32, memory } from '../instructions.ts';
import { HEAP_BASE, WasmBuilder } from '../wasm-builder.ts';

/** What the result of `check` is when its number is too large. */
const TOO_LARGE = 'too large';
const LARGEST_CHECKED = 10;

/**
 * A component without imports. Tools: `add` (the sum of `a` and `b`, which wraps), `echo` (its `text`), `count` (how often this instance
 * was asked), `check` (its `number` up to 10, else the error `too large`), `trap`, `spin` (never comes back) and `eat` (grows its memory
 * by 1 MiB at a time, `mib` times, and traps where it may not).
 */
export function componentGuest(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder({ minPages: 2 });
  const heap = wasm.global('i32', BigInt(HEAP_BASE));
  const calls = wasm.global('i32', 0n);
  const answer = wasm.reserve(16).pointer;
  const tooLarge = wasm.text(TOO_LARGE);
  const at = (offset: number) => i32.const(answer + offset);
  wasm.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32', export: 'realloc' },
    ({ local }, _old, _oldBytes, _align, byteLength) => {
      const start = local('i32');
      return [
        start.set(heap.get),
        heap.set(i32.and(i32.add(i32.add(heap.get, byteLength.get), i32.const(7)), i32.const(-8))),
        flow.while(i32.gtU(heap.get, i32.mul(memory.size, i32.const(65_536))), [
          flow.if(i32.eq(memory.grow(i32.const(1)), i32.const(-1)), [flow.trap('void')]),
        ]),
        start.get,
      ];
    },
  );
  wasm.function({ params: ['i32', 'i32'], result: 'i32', export: 'add' }, (_, a, b) => [i32.add(a.get, b.get)]);
  wasm.function({ params: ['i32', 'i32'], result: 'i32', export: 'echo' }, (_, pointer, byteLength) => [
    i32.store(at(0), pointer.get),
    i32.store(at(4), byteLength.get),
    at(0),
  ]);
  wasm.function({ params: [], result: 'i32', export: 'count' }, () => [
    calls.set(i32.add(calls.get, i32.const(1))),
    calls.get,
  ]);
  wasm.function({ params: ['i32'], result: 'i32', export: 'check' }, (_, number) => [
    i32.store(at(0), i32.gtU(number.get, i32.const(LARGEST_CHECKED))),
    flow.if(
      i32.load8(at(0)),
      [i32.store(at(4), i32.const(tooLarge.pointer)), i32.store(at(8), i32.const(tooLarge.byteLength))],
      [i32.store(at(4), number.get)],
    ),
    at(0),
  ]);
  wasm.function({ params: [], result: 'void', export: 'trap' }, () => [flow.trap('void')]);
  wasm.function({ params: [], result: 'void', export: 'spin' }, () => [flow.forever([])]);
  wasm.function({ params: ['i32'], result: 'void', export: 'eat' }, (_, mib) => [
    flow.while(i32.gtU(mib.get, i32.const(0)), [
      flow.if(i32.eq(memory.grow(i32.const(16)), i32.const(-1)), [flow.trap('void')]),
      mib.set(i32.sub(mib.get, i32.const(1))),
    ]),
  ]);

  // Nothing outlives an answer here but the count, which is no part of the heap.
  wasm.function({ params: ['i32'], result: 'void', export: 'free' }, () => [heap.set(i32.const(HEAP_BASE))]);

  const component = new ComponentBuilder();
  const instance = component.coreInstance(component.coreModule(wasm.build()));
  const options = {
    memory: component.coreAlias('memory', instance, 'memory'),
    realloc: component.coreAlias('function', instance, 'realloc'),
  };
  const freeing = { ...options, postReturn: component.coreAlias('function', instance, 'free') };
  const types = {
    add: component.functionType({ params: { a: 'u32', b: 'u32' }, result: 'u32' }),
    echo: component.functionType({ params: { text: 'string' }, result: 'string' }),
    count: component.functionType({ params: {}, result: 'u32' }),
    check: component.functionType({ params: { number: 'u32' }, result: { result: ['u32', 'string'] } }),
    trap: component.functionType({ params: {} }),
    spin: component.functionType({ params: {} }),
    eat: component.functionType({ params: { mib: 'u32' } }),
  };
  for (const [name, type] of Object.entries(types)) {
    const core = component.coreAlias('function', instance, name);
    component.export(name, 'func', component.lift(core, type, name === 'echo' ? freeing : options));
  }
  return component.build();
}
