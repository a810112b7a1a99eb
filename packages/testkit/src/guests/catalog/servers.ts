import { type Code, call, flow, i32, memory, type Operands, sequence } from '../instructions.ts';
import { WasmBuilder } from '../wasm-builder.ts';

const BUFFER = 65_536;
const BUFFER_BYTES = 65_536;
const [VECTOR, COUNT] = [128, 192];
const [LINE_FEED, QUOTE, ZERO, NINE, BACKSLASH] = [10, 34, 48, 57, 92];
const PAGE_BYTES = 65_536;
const DIGIT = 200;

/** What a tool does before it answers. */
export interface ServerKit {
  say(fd: number, text: string): Code<'void'>;
  exit(code: number): Code<'void'>;
  /** Answers at once, with something else than its name. */
  answer(result: object): readonly Code<'void'>[];
  /** Answers the argument `message`, every byte of it as it came. */
  answerMessage(): readonly Code<'void'>[];
  /** Answers how many tools were called so far, up to 9. */
  answerCount(): readonly Code<'void'>[];
}

/** The statements of a tool. */
export type ToolBody = (kit: ServerKit) => readonly Code<'void'>[];

/** Tools that go right, and what goes wrong, each in a tool of its name. */
const MISBEHAVIOUR: Readonly<Record<string, ToolBody>> = {
  echo: () => [],
  say: ({ answerMessage }) => answerMessage(),
  trap: ({ say }) => [say(2, 'the tank is empty\n'), flow.trap('void')],
  loop: () => [flow.forever([])],
  exit: ({ exit }) => [exit(3)],
  greedy: () => [flow.while(i32.ne(memory.grow(i32.const(16)), i32.const(-1)), []), flow.trap('void')],
  flood: ({ say }) => [flow.forever([say(1, 'x'.repeat(10_000))])],
  chatter: ({ say }) => [flow.forever([say(1, 'no message\n')])],
  words: ({ say }) => [say(2, 'the key is hunter2hunter2\n'), say(1, 'what is no message\n')],
};

/**
 * An MCP server of the legacy era as a command of WASI preview 1. Each tool does what its body says, and answers its own name and the version, where the body
 * does not answer itself. Without tools of yours: `echo`, `say` (its argument `message`), `trap`, `loop`, `exit`, `greedy` (grows until it may not, and traps), `flood`
 * (a line without an end), `chatter` (lines that are no messages) and `words` (some more on both outputs).
 */
export function serverGuest(
  tools: Readonly<Record<string, ToolBody>> = MISBEHAVIOUR,
  version = '1',
): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder({ minPages: 2 });
  const wasi = 'wasi_snapshot_preview1';
  const read = wasm.import(wasi, 'fd_read', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const write = wasm.import(wasi, 'fd_write', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const exit = wasm.import(wasi, 'proc_exit', ['i32'], 'void');
  const calls = wasm.global('i32', 0n);

  const through = (to: typeof read, fd: number, from: Code<'i32'>, length: Code<'i32'>): readonly Code<'void'>[] => [
    i32.store(i32.const(VECTOR), from),
    i32.store(i32.const(VECTOR + 4), length),
    flow.drop(call(to, i32.const(fd), i32.const(VECTOR), i32.const(1), i32.const(COUNT))),
  ];
  const say = (fd: number, text: string): Code<'void'> => {
    const { pointer, byteLength } = wasm.text(text);
    return sequence('void', through(write, fd, i32.const(pointer), i32.const(byteLength)));
  };

  /** Where a text begins between two places, or -1. */
  const find = wasm.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    ({ local }, from, to, text, length) => {
      const same = local('i32');
      return [
        flow.while(i32.ltU(i32.add(from.get, length.get), to.get), [
          same.set(i32.const(0)),
          flow.while(
            flow.either(
              i32.ltU(same.get, length.get),
              i32.eq(i32.load8(i32.add(from.get, same.get)), i32.load8(i32.add(text.get, same.get))),
              i32.const(0),
            ),
            [same.set(i32.add(same.get, i32.const(1)))],
          ),
          flow.if(i32.eq(same.get, length.get), [flow.return(from.get)]),
          from.set(i32.add(from.get, i32.const(1))),
        ]),
        i32.const(-1),
      ];
    },
  );

  const answer = wasm.function({ params: ['i32', 'i32'], result: 'void' }, ({ local }, from, to) => {
    const [id, end, message, messageEnd] = [local('i32'), local('i32'), local('i32'), local('i32')];
    const has = (text: string): Code<'i32'> => i32.ne(place(text), i32.const(-1));
    const place = (text: string): Code<'i32'> => {
      const { pointer, byteLength } = wasm.text(text);
      const operands: Operands<readonly ['i32', 'i32', 'i32', 'i32']> = [
        from.get,
        to.get,
        i32.const(pointer),
        i32.const(byteLength),
      ];
      return call(find, ...operands);
    };
    const isDigit = i32.and(
      i32.geU(i32.load8(end.get), i32.const(ZERO)),
      i32.eqz(i32.gtU(i32.load8(end.get), i32.const(NINE))),
    );
    const opening: readonly Code<'void'>[] = [
      say(1, '{"jsonrpc":"2.0","id":'),
      ...through(write, 1, id.get, i32.sub(end.get, id.get)),
    ];
    const respond = (rest: string): readonly Code<'void'>[] => [...opening, say(1, `,${rest}}\n`), flow.return()];
    const respondText = (pointer: Code<'i32'>, byteLength: Code<'i32'>): readonly Code<'void'>[] => [
      ...opening,
      say(1, ',"result":{"content":[{"type":"text","text":"'),
      ...through(write, 1, pointer, byteLength),
      say(1, '"}]}}\n'),
      flow.return(),
    ];
    const isBackslash = i32.eq(i32.load8(messageEnd.get), i32.const(BACKSLASH));
    const result = (value: object): readonly Code<'void'>[] => respond(`"result":${JSON.stringify(value)}`);
    const kit: ServerKit = {
      say,
      exit: (code) => call(exit, i32.const(code)),
      answer: result,
      answerMessage: () => [
        message.set(i32.add(place('"message":"'), i32.const('"message":"'.length))),
        messageEnd.set(message.get),
        flow.while(i32.ne(i32.load8(messageEnd.get), i32.const(QUOTE)), [
          messageEnd.set(i32.add(messageEnd.get, flow.either(isBackslash, i32.const(2), i32.const(1)))),
        ]),
        ...respondText(message.get, i32.sub(messageEnd.get, message.get)),
      ],
      answerCount: () => [
        i32.store8(i32.const(DIGIT), i32.add(calls.get, i32.const(ZERO))),
        ...respondText(i32.const(DIGIT), i32.const(1)),
      ],
    };
    return [
      id.set(place('"id":')),
      flow.if(i32.eq(id.get, i32.const(-1)), [flow.return()]),
      id.set(i32.add(id.get, i32.const('"id":'.length))),
      end.set(id.get),
      flow.while(isDigit, [end.set(i32.add(end.get, i32.const(1)))]),
      flow.if(
        has('"method":"initialize"'),
        result({
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'hand-made', version },
        }),
      ),
      flow.if(
        has('"method":"tools/list"'),
        result({ tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) }),
      ),
      ...Object.entries(tools).map(([name, body]) =>
        flow.if(has(`"name":"${name}"`), [
          calls.set(i32.add(calls.get, i32.const(1))),
          ...body(kit),
          ...result({ content: [{ type: 'text', text: `${name} of ${version}` }] }),
        ]),
      ),
      ...respond('"error":{"code":-32601,"message":"there is no such method"}'),
    ];
  });

  wasm.function({ params: [], result: 'void', export: '_start' }, ({ local }) => {
    const [start, at, end] = [local('i32'), local('i32'), local('i32')];
    const room = i32.sub(i32.mul(memory.size, i32.const(PAGE_BYTES)), end.get);
    return [
      end.set(i32.const(BUFFER)),
      flow.forever([
        flow.if(i32.ltU(room, i32.const(BUFFER_BYTES)), [flow.drop(memory.grow(i32.const(8)))]),
        ...through(read, 0, end.get, i32.const(BUFFER_BYTES)),
        flow.if(i32.eqz(i32.load(i32.const(COUNT))), [flow.return()]),
        start.set(i32.const(BUFFER)),
        at.set(end.get),
        end.set(i32.add(end.get, i32.load(i32.const(COUNT)))),
        flow.while(i32.ltU(at.get, end.get), [
          flow.if(i32.eq(i32.load8(at.get), i32.const(LINE_FEED)), [
            call(answer, start.get, at.get),
            start.set(i32.add(at.get, i32.const(1))),
          ]),
          at.set(i32.add(at.get, i32.const(1))),
        ]),
        // What is left is the beginning of a line, of which the rest is still to come.
        memory.copy(i32.const(BUFFER), start.get, i32.sub(end.get, start.get)),
        end.set(i32.add(i32.const(BUFFER), i32.sub(end.get, start.get))),
      ]),
    ];
  });
  return wasm.build();
}
