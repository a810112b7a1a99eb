import { type Code, call, flow, HEAP_BASE, i32, i64, memory, WasmBuilder } from '@lockgate/testkit';

const HOST = 'extism:host/env';

/**
 * The testkit's echo guest for Extism: one export per tool, the message as input, and the same promise. It logs `enter <message>` and
 * `leave <message>` and keeps the message in linear memory in between, so that a call which gets in while another waits shows.
 */
export function extismGuest(): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder({ minPages: 16 });
  const inputLength = wasm.import(HOST, 'input_length', [], 'i64');
  const inputByte = wasm.import(HOST, 'input_load_u8', ['i64'], 'i32');
  const alloc = wasm.import(HOST, 'alloc', ['i64'], 'i64');
  const storeByte = wasm.import(HOST, 'store_u8', ['i64', 'i32'], 'void');
  const outputSet = wasm.import(HOST, 'output_set', ['i64', 'i64'], 'void');
  const errorSet = wasm.import(HOST, 'error_set', ['i64'], 'void');
  const logInfo = wasm.import(HOST, 'log_info', ['i64'], 'void');
  const httpRequest = wasm.import(HOST, 'http_request', ['i64', 'i64'], 'i64');

  const length = wasm.global('i32', 0n);
  const calls = wasm.global('i32', 0n);

  const remember = wasm.function({ params: [], result: 'void' }, (scope) => {
    const at = scope.local('i32');
    return [
      length.set(i32.wrap(call(inputLength))),
      flow.while(i32.ltU(at.get, length.get), [
        i32.store8(i32.add(i32.const(HEAP_BASE), at.get), call(inputByte, i64.extend(at.get))),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
    ];
  });

  // Extism's memory is the host's: blocks are filled byte by byte, at `block | offset`.
  const toBlock = wasm.function({ params: ['i32', 'i32'], result: 'i64' }, (scope, from, byteLength) => {
    const block = scope.local('i64');
    const at = scope.local('i32');
    return [
      block.set(call(alloc, i64.extend(byteLength.get))),
      flow.while(i32.ltU(at.get, byteLength.get), [
        call(storeByte, i64.or(block.get, i64.extend(at.get)), i32.load8(i32.add(from.get, at.get))),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
      block.get,
    ];
  });

  // Behind the message there is room for one line made of it.
  const scratch = i32.const(HEAP_BASE + 500_000);
  const line = (before: string, after: string): Code<'i64'> => {
    const [start, end] = [wasm.text(before), wasm.text(after)];
    const join = wasm.function({ params: [], result: 'i64' }, () => [
      memory.copy(scratch, i32.const(start.pointer), i32.const(start.byteLength)),
      memory.copy(i32.add(scratch, i32.const(start.byteLength)), i32.const(HEAP_BASE), length.get),
      memory.copy(
        i32.add(i32.add(scratch, i32.const(start.byteLength)), length.get),
        i32.const(end.pointer),
        i32.const(end.byteLength),
      ),
      call(toBlock, scratch, i32.add(length.get, i32.const(start.byteLength + end.byteLength))),
    ]);
    return call(join);
  };
  const answer = wasm.function({ params: ['i32', 'i32'], result: 'void' }, (_scope, from, byteLength) => [
    call(outputSet, call(toBlock, from.get, byteLength.get), i64.extend(byteLength.get)),
  ]);

  const tool = (name: string, inside: readonly Code<'void'>[]): void => {
    wasm.function({ params: [], result: 'i32', export: name }, () => [
      calls.set(i32.add(calls.get, i32.const(1))),
      call(remember),
      call(logInfo, line('enter ', '')),
      ...inside,
      call(logInfo, line('leave ', '')),
      i32.const(0),
    ]);
  };
  const echo = call(answer, i32.const(HEAP_BASE), length.get);
  tool('echo', [echo]);
  tool('fetch-then-echo', [
    flow.drop(i32.wrap(call(httpRequest, line('{"method":"GET","url":"http://backend.test/', '"}'), i64.const(0n)))),
    echo,
  ]);
  tool('count', [i32.store8(scratch, i32.add(calls.get, i32.const(0x30))), call(answer, scratch, i32.const(1))]);
  tool('misbehave', [flow.trap('void')]);
  const unknown = wasm.text('no such tool');
  tool('no-such-tool', [call(errorSet, call(toBlock, i32.const(unknown.pointer), i32.const(unknown.byteLength)))]);
  return wasm.build();
}
