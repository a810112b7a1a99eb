import { ComponentBuilder, call, flow, HEAP_BASE, i32, i64, memory, WasmBuilder } from '@lockgate/testkit';

/** What its answers of `echo` begin with, in bytes: the version and a colon. */
const PREFIX_BYTES = 2;
/** More random bytes than a host gives. */
const TOO_MANY = 1n << 40n;
const RANDOM = 'wasi:random/random';
const TOOLS = ['echo', 'fail', 'trap', 'spin', 'bomb', 'huge', 'host'] as const;

/**
 * A component that does well and badly, whose tools take a `message`: `echo` answers it after the version's name, `fail` says it as an error, `trap` traps,
 * `spin` never comes back, `bomb` takes all memory that there is and traps, `huge` answers with so many bytes, and `host` asks the host for what it does not give.
 */
export function hammeredComponent(version: 'A' | 'B', hugeBytes: number): Uint8Array<ArrayBuffer> {
  const component = new ComponentBuilder();
  const random = component.importInstance(`${RANDOM}@0.2.0`, {
    'get-random-bytes': { params: { len: 'u64' }, result: { list: 'u8' } },
  });
  const heap = component.coreInstance(component.coreModule(heapModule()));
  const given = {
    memory: component.coreAlias('memory', heap, 'memory'),
    realloc: component.coreAlias('function', heap, 'realloc'),
  };
  const host = component.coreFunctions({
    random: component.lower(component.alias('func', random, 'get-random-bytes'), given),
  });
  const instance = component.coreInstance(component.coreModule(tools(version, hugeBytes)), { host, heap });
  const options = { ...given, postReturn: component.coreAlias('function', instance, 'post') };
  const params = { message: 'string' } as const;
  const type = component.functionType({ params, result: { result: ['string', 'string'] } });
  const ofText = component.functionType({ params, result: 'string' });
  for (const name of TOOLS) {
    const core = component.coreAlias('function', instance, name);
    component.export(name, 'func', component.lift(core, name === 'echo' || name === 'huge' ? ofText : type, options));
  }
  return component.build();
}

/** Memory, of which each call begins at the start: it is behind the room for an answer's prefix. */
function heapModule(): Uint8Array {
  const wasm = new WasmBuilder({ minPages: 2 });
  const next = wasm.global('i32', BigInt(HEAP_BASE + PREFIX_BYTES));
  wasm.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32', export: 'realloc' },
    ({ local }, _old, _oldBytes, _align, byteLength) => {
      const start = local('i32');
      return [
        start.set(next.get),
        next.set(i32.add(next.get, byteLength.get)),
        flow.while(i32.gtU(next.get, i32.mul(memory.size, i32.const(65_536))), [
          flow.if(i32.eq(memory.grow(i32.const(1)), i32.const(-1)), [flow.trap('void')]),
        ]),
        start.get,
      ];
    },
  );
  wasm.function({ params: [], result: 'void', export: 'reset' }, () => [next.set(i32.const(HEAP_BASE + PREFIX_BYTES))]);
  return wasm.build();
}

function tools(version: 'A' | 'B', hugeBytes: number): Uint8Array {
  const wasm = new WasmBuilder({ minPages: 2, from: 'heap' });
  const random = wasm.import('host', 'random', ['i64', 'i32'], 'void');
  const reset = wasm.import('heap', 'reset', [], 'void');
  const answer = wasm.reserve(16).pointer;
  const name = wasm.text(`${version}:`);
  /** A text lies behind the word which says that it is an error. */
  const answering = (pointer: ReturnType<typeof i32.const>, byteLength: typeof pointer, at = answer + 4) =>
    [
      i32.store(i32.const(answer), i32.const(1)),
      i32.store(i32.const(answer + 4), pointer),
      i32.store(i32.const(answer + 8), byteLength),
      i32.const(at),
    ] as const;
  const shape = (exported: (typeof TOOLS)[number]) =>
    ({ params: ['i32', 'i32'], result: 'i32', export: exported }) as const;
  wasm.function(shape('echo'), (_, pointer, byteLength) => [
    memory.copy(i32.const(HEAP_BASE), i32.const(name.pointer), i32.const(PREFIX_BYTES)),
    memory.copy(i32.const(HEAP_BASE + PREFIX_BYTES), pointer.get, byteLength.get),
    ...answering(i32.const(HEAP_BASE), i32.add(byteLength.get, i32.const(PREFIX_BYTES))),
  ]);
  wasm.function(shape('fail'), (_, pointer, byteLength) => answering(pointer.get, byteLength.get, answer));
  wasm.function(shape('trap'), () => [flow.trap('i32')]);
  wasm.function(shape('spin'), () => [flow.forever([]), i32.const(0)]);
  wasm.function(shape('bomb'), () => [
    flow.while(i32.ne(memory.grow(i32.const(16)), i32.const(-1)), []),
    flow.trap('i32'),
  ]);
  wasm.function(shape('huge'), () => [
    flow.drop(memory.grow(i32.const(Math.ceil(hugeBytes / 65_536)))),
    memory.fill(i32.const(HEAP_BASE), i32.const(120), i32.const(hugeBytes)),
    ...answering(i32.const(HEAP_BASE), i32.const(hugeBytes)),
  ]);
  wasm.function(shape('host'), () => [call(random, i64.const(TOO_MANY), i32.const(answer)), i32.const(answer)]);
  wasm.function({ params: ['i32'], result: 'void', export: 'post' }, () => [call(reset)]);
  return wasm.build();
}
