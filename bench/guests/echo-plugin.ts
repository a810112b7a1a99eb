import { call, flow, i32, i64, memory, WasmBuilder } from '@lockgate/testkit';
import { ANSWER_END, ANSWER_START, defineHeap, MESSAGE_START, spanCode, TOOL_LETTER } from './echo-protocol.ts';

/** Where the tool `wait` sends its request; grant it, and hand the runtime a `fetch` for it. */
export const WAIT_URL = 'http://bench.test/';

/**
 * The least a plugin can do: the tool `echo` copies its message into the answer, so that a measurement sees the host's
 * work and next to none of the guest's. With `waits` it imports HTTP, and the tool `wait` answers what the host answers.
 */
export function echoPlugin({ waits }: { readonly waits: boolean }): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const http = waits ? wasm.import('env', 'host_http_request', ['i64'], 'i64') : undefined;
  const malloc = defineHeap(wasm);
  const text = (content: string) => spanCode(wasm.text(content));
  const say = (field: string, content: string): void => {
    wasm.function({ params: [], result: 'i64', export: field }, (scope) => {
      const block = scope.local('i32');
      const span = wasm.text(content);
      return [
        block.set(call(malloc, i32.const(span.byteLength))),
        memory.copy(block.get, i32.const(span.pointer), i32.const(span.byteLength)),
        i64.or(i64.shl(i64.extend(block.get), i64.const(32n)), i64.const(BigInt(span.byteLength))),
      ];
    });
  };
  say('name', 'echo');
  say('metadata', JSON.stringify({ name: 'echo', version: '1.0.0', abi_version: 1 }));
  say('tools', '[]');
  wasm.function({ params: ['i64'], result: 'i64', export: 'configure' }, () => [i64.const(0n)]);
  wasm.function({ params: [], result: 'i32', export: 'healthy' }, () => [i32.const(1)]);

  wasm.function({ params: ['i64'], result: 'i64', export: 'execute' }, (scope, input) => {
    const start = i32.wrap(i64.shrU(input.get, i64.const(32n)));
    const messageLength = scope.local('i32');
    const block = scope.local('i32');
    const answerLength = i32.add(messageLength.get, i32.const(ANSWER_START.length + ANSWER_END.length));
    const isWait = i32.eq(i32.load8(i32.add(start, i32.const(TOOL_LETTER))), i32.const('w'.charCodeAt(0)));
    const wait = JSON.stringify({ method: 'GET', url: WAIT_URL });
    const answerStart = wasm.text(ANSWER_START);
    const answerEnd = wasm.text(ANSWER_END);
    return [
      ...(http ? [flow.if(isWait, [flow.return(call(http, text(wait)))])] : []),
      messageLength.set(i32.sub(i32.wrap(input.get), i32.const(MESSAGE_START + '"}}'.length))),
      block.set(call(malloc, answerLength)),
      memory.copy(block.get, i32.const(answerStart.pointer), i32.const(answerStart.byteLength)),
      memory.copy(
        i32.add(block.get, i32.const(ANSWER_START.length)),
        i32.add(start, i32.const(MESSAGE_START)),
        messageLength.get,
      ),
      memory.copy(
        i32.add(i32.add(block.get, i32.const(ANSWER_START.length)), messageLength.get),
        i32.const(answerEnd.pointer),
        i32.const(answerEnd.byteLength),
      ),
      i64.or(i64.shl(i64.extend(block.get), i64.const(32n)), i64.extend(answerLength)),
    ];
  });
  return wasm.build();
}
