import type { Span } from '@lockgate/abi';
import { type Code, type FunctionRef, flow, HEAP_BASE, i32, i64, memory, type WasmBuilder } from '@lockgate/testkit';

/** What the echo guests are asked: its first bytes are known, which saves them from reading JSON. */
export function echoRequest(message: string): string {
  return JSON.stringify({ tool_name: 'echo', args: { message } });
}

/** Where the message starts in a request. */
export const MESSAGE_START: number = echoRequest('').indexOf('""') + 1;
/** Where the first letter of the tool's name is. */
export const TOOL_LETTER: number = '{"tool_name":"'.length;
export const ANSWER_START = '{"data":"';
export const ANSWER_END = '"}';

/** A message that makes the request so many bytes long. */
export function messageOf(requestBytes: number): string {
  return 'm'.repeat(requestBytes - echoRequest('').length);
}

export function spanCode({ pointer, byteLength }: Span): Code<'i64'> {
  return i64.const((BigInt(pointer) << 32n) | BigInt(byteLength));
}

/** `malloc` and `free`, exported: blocks in a row, which starts over when the last one is freed. */
export function defineHeap(wasm: WasmBuilder): FunctionRef<readonly ['i32'], 'i32'> {
  const top = wasm.global('i32', BigInt(HEAP_BASE));
  const live = wasm.global('i32', 0n);
  const malloc = wasm.function({ params: ['i32'], result: 'i32', export: 'malloc' }, (scope, size) => {
    const block = scope.local('i32');
    const missing = i32.sub(top.get, i32.mul(memory.size, i32.const(65_536)));
    return [
      block.set(top.get),
      top.set(i32.and(i32.add(i32.add(top.get, size.get), i32.const(7)), i32.const(-8))),
      live.set(i32.add(live.get, i32.const(1))),
      flow.if(i32.gtU(top.get, i32.mul(memory.size, i32.const(65_536))), [
        flow.if(i32.eq(memory.grow(i32.divU(i32.add(missing, i32.const(65_535)), i32.const(65_536))), i32.const(-1)), [
          flow.trap('void'),
        ]),
      ]),
      block.get,
    ];
  });
  wasm.function({ params: ['i32'], result: 'void', export: 'free' }, () => [
    live.set(i32.sub(live.get, i32.const(1))),
    flow.if(i32.eqz(live.get), [top.set(i32.const(HEAP_BASE))]),
  ]);
  return malloc;
}
