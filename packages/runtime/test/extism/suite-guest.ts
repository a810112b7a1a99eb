import {
  BACKEND_URL,
  type Code,
  call,
  flow,
  HEAP_BASE,
  i32,
  i64,
  memory,
  type SuiteGuest,
  WasmBuilder,
} from '@lockgate/testkit';
import { defineKit } from './extism-kit.ts';

/** Tools of every guest here; each takes its argument `message` as its input. */
export const SUITE_TOOLS = ['echo', 'count', 'settings', 'fetch-then-echo', 'misbehave'] as const;

const VERSIONS: Readonly<Partial<Record<SuiteGuest, string>>> = {
  'version A': 'A:',
  'version B': 'B:',
  'version C': 'C:',
};
const PAGES = 32;

/** The guests that module suites run, as plug-ins for Extism; undefined where one of them has no form there. */
export function extismSuiteGuest(guest: SuiteGuest): Uint8Array<ArrayBuffer> | undefined {
  if (guest === 'garbage') return new TextEncoder().encode('this is no module');
  if (guest === 'incomplete') return assemble({ without: 'echo' });
  if (guest === 'traps at start') return assemble({ trapsAtStart: true });
  return assemble({ prefix: VERSIONS[guest] ?? '' });
}

interface Parts {
  readonly prefix?: string;
  readonly without?: string;
  readonly trapsAtStart?: boolean;
}

function assemble({ prefix = '', without, trapsAtStart }: Parts): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder({ minPages: PAGES });
  const kit = defineKit(wasm);
  const count = wasm.global('i32', 0n);
  const length = wasm.global('i32', 0n);
  // The message is kept here through the call, also while it waits: who gets in between spoils it.
  const kept = i32.const(HEAP_BASE);

  /** A new block with a text and then the message that is kept. */
  const join = wasm.function({ params: ['i32', 'i32'], result: 'i64' }, (scope, text, textLength) => {
    const handle = scope.local('i64');
    return [
      handle.set(call(kit.alloc, i64.extend(i32.add(textLength.get, length.get)))),
      call(kit.put, text.get, textLength.get, i32.wrap(handle.get)),
      call(kit.put, kept, length.get, i32.add(i32.wrap(handle.get), textLength.get)),
      handle.get,
    ];
  });
  const joined = (text: string): Code<'i64'> => {
    const { pointer, byteLength } = wasm.text(text);
    return call(join, i32.const(pointer), i32.const(byteLength));
  };
  const tail = wasm.text('"}');
  const outputOf = wasm.function({ params: ['i64'], result: 'void' }, (_scope, handle) => [
    call(kit.setOutput, handle.get, call(kit.length, handle.get)),
  ]);

  const tools: Readonly<Record<(typeof SUITE_TOOLS)[number], readonly Code<'void'>[]>> = {
    echo: [call(outputOf, joined(prefix))],
    count: [kit.sayDigit(count.get)],
    settings: [settings()],
    'fetch-then-echo': [fetchThenEcho(), call(outputOf, joined(''))],
    misbehave: [flow.trap('void')],
  };

  /** Settings by the names that suites use, since a guest cannot list them. */
  function settings(): Code<'void'> {
    const append = wasm.function({ params: ['i32', 'i32'], result: 'void' }, (_scope, text, textLength) => [
      memory.copy(i32.add(kept, length.get), text.get, textLength.get),
      length.set(i32.add(length.get, textLength.get)),
    ]);
    const say = (text: string): Code<'void'> => {
      const { pointer, byteLength } = wasm.text(text);
      return call(append, i32.const(pointer), i32.const(byteLength));
    };
    const entries = wasm.function({ params: [], result: 'void' }, (scope) => {
      const value = scope.local('i64');
      const isPresent = i32.ne(i32.wrap(value.get), i32.const(0));
      const valueLength = i32.wrap(call(kit.length, value.get));
      return [
        length.set(i32.const(0)),
        say('settings:{'),
        ...['key', 'first', 'second'].flatMap((key) => [
          value.set(call(kit.config, kit.block(key))),
          flow.if(isPresent, [
            say(`"${key}":"`),
            call(kit.take, i32.wrap(value.get), valueLength, i32.add(kept, length.get)),
            length.set(i32.add(length.get, valueLength)),
            say('"'),
          ]),
        ]),
        say('}'),
        call(outputOf, joined('')),
      ];
    });
    return call(entries);
  }

  function fetchThenEcho(): Code<'void'> {
    const start = wasm.text(`{"url":"${BACKEND_URL}`);
    const ask = wasm.function({ params: [], result: 'void' }, (scope) => {
      const request = scope.local('i64');
      const end = i32.add(length.get, i32.const(start.byteLength));
      return [
        request.set(call(kit.alloc, i64.extend(i32.add(end, i32.const(tail.byteLength))))),
        call(kit.put, i32.const(start.pointer), i32.const(start.byteLength), i32.wrap(request.get)),
        call(kit.put, kept, length.get, i32.add(i32.wrap(request.get), i32.const(start.byteLength))),
        call(kit.put, i32.const(tail.pointer), i32.const(tail.byteLength), i32.add(i32.wrap(request.get), end)),
        flow.drop(i32.wrap(call(kit.request, request.get, i64.const(0n)))),
      ];
    });
    return call(ask);
  }

  for (const name of SUITE_TOOLS) {
    if (name === without) continue;
    wasm.function({ params: [], result: 'i32', export: name }, () => [
      count.set(i32.add(count.get, i32.const(1))),
      length.set(i32.wrap(call(kit.inputLength))),
      call(kit.take, i32.wrap(call(kit.inputOffset)), length.get, kept),
      call(kit.log, joined('enter ')),
      ...tools[name],
      call(kit.log, joined('leave ')),
      i32.const(0),
    ]);
  }
  if (trapsAtStart) {
    wasm.function({ params: [], result: 'void', export: '_initialize' }, () => [flow.trap('void')]);
  }
  return wasm.build();
}
