import {
  type Body,
  type Code,
  call,
  type FunctionRef,
  type FunctionScope,
  flow,
  i32,
  i64,
  type MemoryLimits,
  WasmBuilder,
} from '@lockgate/testkit';
import { importKernel, type KernelImports } from './kernel-imports.ts';

/** What a body of an export works with. */
export interface ExtismKit extends KernelImports {
  readonly wasm: WasmBuilder;
  /** Leaves with this code, over WASI. */
  readonly exit: FunctionRef<readonly ['i32'], 'void'>;
  /** A new block with this text. */
  block(text: string): Code<'i64'>;
  /** Puts this text out. */
  say(text: string): Code<'void'>;
  /** Puts a number below 10 out. */
  sayDigit(value: Code<'i32'>): Code<'void'>;
  /** `put(pointer, length, address)`: linear memory to the kernel's. */
  readonly put: FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;
  /** `take(address, length, pointer)`: the kernel's memory to linear memory. */
  readonly take: FunctionRef<readonly ['i32', 'i32', 'i32'], 'void'>;
}

/** The instructions of an export that has no parameters and answers with a code. */
export type ExtismBody = (kit: ExtismKit, scope: FunctionScope<readonly [], 'i32'>) => Body<'i32'>;

/** A plug-in for Extism, written by hand: an export for each body. */
export function extismModule(
  bodies: Readonly<Record<string, ExtismBody>>,
  limits: MemoryLimits = {},
): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder(limits);
  const kit = defineKit(wasm);
  for (const [name, body] of Object.entries(bodies)) {
    wasm.function({ params: [], result: 'i32', export: name }, (scope) => body(kit, scope));
  }
  return wasm.build();
}

export function defineKit(wasm: WasmBuilder): ExtismKit {
  const kernel = importKernel(wasm);
  const exit = wasm.import('wasi_snapshot_preview1', 'proc_exit', ['i32'], 'void');
  const put = wasm.function({ params: ['i32', 'i32', 'i32'], result: 'void' }, (scope, pointer, length, address) => {
    const index = scope.local('i32');
    return [
      flow.while(i32.ltU(index.get, length.get), [
        call(kernel.storeByte, i64.extend(i32.add(address.get, index.get)), i32.load8(i32.add(pointer.get, index.get))),
        index.set(i32.add(index.get, i32.const(1))),
      ]),
    ];
  });
  const take = wasm.function({ params: ['i32', 'i32', 'i32'], result: 'void' }, (scope, address, length, pointer) => {
    const index = scope.local('i32');
    return [
      flow.while(i32.ltU(index.get, length.get), [
        i32.store8(i32.add(pointer.get, index.get), call(kernel.loadByte, i64.extend(i32.add(address.get, index.get)))),
        index.set(i32.add(index.get, i32.const(1))),
      ]),
    ];
  });
  const blockOf = wasm.function({ params: ['i32', 'i32'], result: 'i64' }, (scope, pointer, length) => {
    const handle = scope.local('i64');
    return [
      handle.set(call(kernel.alloc, i64.extend(length.get))),
      call(put, pointer.get, length.get, i32.wrap(handle.get)),
      handle.get,
    ];
  });
  const out = wasm.function({ params: ['i64'], result: 'void' }, (_scope, handle) => [
    call(kernel.setOutput, handle.get, call(kernel.length, handle.get)),
  ]);
  const digit = wasm.reserve(1);
  const block = (text: string): Code<'i64'> => {
    const { pointer, byteLength } = wasm.text(text);
    return call(blockOf, i32.const(pointer), i32.const(byteLength));
  };
  const sayDigit = wasm.function({ params: ['i32'], result: 'void' }, (_scope, value) => [
    i32.store8(i32.const(digit.pointer), i32.add(value.get, i32.const(48))),
    call(out, call(blockOf, i32.const(digit.pointer), i32.const(1))),
  ]);
  return {
    ...kernel,
    ...{ wasm, exit, put, take, block },
    say: (text) => call(out, block(text)),
    sayDigit: (value) => call(sayDigit, value),
  };
}
