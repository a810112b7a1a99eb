import { type Code, call, flow, i32, i64, WasmBuilder } from '@lockgate/testkit';

/** What a plug-in asks or tells its host: a function, and the message that it takes. */
export interface Said {
  readonly name: string;
  readonly message?: object;
  /** Whether it is answered. @default true */
  readonly isAsked?: boolean;
}

const ROOM = 65_536n;

/**
 * A plug-in of hyper-mcp's second version: each of these exports answers with its JSON. `call_tool` and those in `asksIn`
 * ask and tell all this first, in that order; a tool's result has what was answered as `structuredContent.answers`, and the
 * input of the call as `structuredContent.input`. What is in `later` is answered once a tool has been called.
 */
export function hyperMcpServer(
  answers: Readonly<Record<string, object>>,
  says: readonly Said[],
  later: Readonly<Record<string, object>> = {},
  asksIn: readonly string[] = ['on_roots_list_changed'],
): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const host = 'extism:host/env';
  const alloc = wasm.import(host, 'alloc', ['i64'], 'i64');
  const length = wasm.import(host, 'length', ['i64'], 'i64');
  const loadByte = wasm.import(host, 'load_u8', ['i64'], 'i32');
  const storeByte = wasm.import(host, 'store_u8', ['i64', 'i32'], 'void');
  const setOutput = wasm.import(host, 'output_set', ['i64', 'i64'], 'void');
  const inputLength = wasm.import(host, 'input_length', [], 'i64');
  const inputOffset = wasm.import(host, 'input_offset', [], 'i64');
  const user = 'extism:host/user';
  const functions = says.map(({ name, message, isAsked = true }) => {
    if (isAsked && message) {
      const ask = wasm.import(user, name, ['i64'], 'i64');
      return { ask: (block: Code<'i64'>) => call(ask, block) };
    }
    if (isAsked) {
      const ask = wasm.import(user, name, [], 'i64');
      return { ask: () => call(ask) };
    }
    if (message) {
      const tell = wasm.import(user, name, ['i64'], 'void');
      return { tell: (block: Code<'i64'>) => call(tell, block) };
    }
    const tell = wasm.import(user, name, [], 'void');
    return { tell: () => call(tell) };
  });
  const end = wasm.global('i32', 0n);
  const wasCalled = wasm.global('i32', 0n);
  const put = (byte: Code<'i32'>): Code<'void'>[] => [
    call(storeByte, i64.extend(end.get), byte),
    end.set(i32.add(end.get, i32.const(1))),
  ];
  const addText = wasm.function({ params: ['i32', 'i32'], result: 'void' }, (scope, pointer, byteLength) => {
    const at = scope.local('i32');
    return [
      flow.while(i32.ltU(at.get, byteLength.get), [
        ...put(i32.load8(i32.add(pointer.get, at.get))),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
    ];
  });
  const addBlock = wasm.function({ params: ['i32', 'i32'], result: 'void' }, (scope, address, byteLength) => {
    const at = scope.local('i32');
    return [
      flow.while(i32.ltU(at.get, byteLength.get), [
        ...put(call(loadByte, i64.extend(i32.add(address.get, at.get)))),
        at.set(i32.add(at.get, i32.const(1))),
      ]),
    ];
  });
  const add = (text: string): Code<'void'> => {
    const { pointer, byteLength } = wasm.text(text);
    return call(addText, i32.const(pointer), i32.const(byteLength));
  };
  const block = wasm.function({ params: ['i32', 'i32'], result: 'i64' }, (scope, pointer, byteLength) => {
    const handle = scope.local('i64');
    const before = scope.local('i32');
    return [
      before.set(end.get),
      handle.set(call(alloc, i64.extend(byteLength.get))),
      end.set(i32.wrap(handle.get)),
      call(addText, pointer.get, byteLength.get),
      end.set(before.get),
      handle.get,
    ];
  });
  const message = (said: object | undefined): Code<'i64'> => {
    const { pointer, byteLength } = wasm.text(JSON.stringify(said ?? {}));
    return call(block, i32.const(pointer), i32.const(byteLength));
  };
  for (const [name, answer] of Object.entries(answers)) {
    const isTool = name === 'call_tool';
    const now = JSON.stringify(answer);
    const then = JSON.stringify(later[name] ?? answer);
    wasm.function({ params: [], result: 'i32', export: name }, (scope) => {
      const start = scope.local('i64');
      const answered = scope.local('i64');
      const saying = functions.flatMap(({ ask, tell }, index) => {
        const given = message(says[index]?.message);
        if (tell) return [tell(given)];
        if (!ask) return [];
        return [
          answered.set(ask(given)),
          call(addBlock, i32.wrap(answered.get), i32.wrap(call(length, answered.get))),
          add(','),
        ];
      });
      return [
        start.set(call(alloc, i64.const(ROOM))),
        end.set(i32.wrap(start.get)),
        add(isTool ? '{"content":[],"structuredContent":{"answers":[' : ''),
        ...(isTool || asksIn.includes(name) ? saying : []),
        ...(isTool
          ? [add('null],"input":'), call(addBlock, i32.wrap(call(inputOffset)), i32.wrap(call(inputLength))), add('}}')]
          : [end.set(i32.wrap(start.get)), flow.if(wasCalled.get, [add(then)], [add(now)])]),
        ...(isTool ? [wasCalled.set(i32.const(1))] : []),
        call(setOutput, start.get, i64.extend(i32.sub(end.get, i32.wrap(start.get)))),
        i32.const(0),
      ];
    });
  }
  return wasm.build();
}
