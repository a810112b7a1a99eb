import { type Code, call, type FunctionRef, flow, i32, memory, type Operands } from '../instructions.ts';
import type { WasmBuilder } from '../wasm-builder.ts';

const PAGE_BYTES = 65_536;
/** How much is read at once at most. */
export const READ_BYTES = 65_536;
const [LINE_FEED, QUOTE, ZERO, NINE, BACKSLASH] = [10, 34, 48, 57, 92];
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
export const MISBEHAVIOUR: Readonly<Record<string, ToolBody>> = {
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

/** How a server reads and writes, whatever it is built for. */
export interface ServerPipes {
  /** Reads up to {@link READ_BYTES} to a place; the number of bytes, which is 0 at the end. */
  read(to: Code<'i32'>): Code<'i32'>;
  /** @param fd - 1 is what the client reads, 2 the log. */
  write(fd: number, from: Code<'i32'>, byteLength: Code<'i32'>): Code<'void'>;
  exit(code: number): Code<'void'>;
}

export interface AnsweringServer {
  readonly tools: Readonly<Record<string, ToolBody>>;
  readonly version: string;
  readonly pipes: ServerPipes;
}

/** Defines the function that answers the frame between two places; to a notification it says nothing. */
export function defineAnswer(
  wasm: WasmBuilder,
  { tools, version, pipes }: AnsweringServer,
): FunctionRef<readonly ['i32', 'i32'], 'void'> {
  const calls = wasm.global('i32', 0n);
  const say = (fd: number, text: string): Code<'void'> => {
    const { pointer, byteLength } = wasm.text(text);
    return pipes.write(fd, i32.const(pointer), i32.const(byteLength));
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

  return wasm.function({ params: ['i32', 'i32'], result: 'void' }, ({ local }, from, to) => {
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
      pipes.write(1, id.get, i32.sub(end.get, id.get)),
    ];
    const respond = (rest: string): readonly Code<'void'>[] => [...opening, say(1, `,${rest}}\n`), flow.return()];
    const respondText = (pointer: Code<'i32'>, byteLength: Code<'i32'>): readonly Code<'void'>[] => [
      ...opening,
      say(1, ',"result":{"content":[{"type":"text","text":"'),
      pipes.write(1, pointer, byteLength),
      say(1, '"}]}}\n'),
      flow.return(),
    ];
    const isBackslash = i32.eq(i32.load8(messageEnd.get), i32.const(BACKSLASH));
    const result = (value: object): readonly Code<'void'>[] => respond(`"result":${JSON.stringify(value)}`);
    const kit: ServerKit = {
      say,
      exit: pipes.exit,
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
}

/** Statements that make room for what is read to a place. */
export function makeRoom(end: Code<'i32'>): Code<'void'> {
  const room = i32.sub(i32.mul(memory.size, i32.const(PAGE_BYTES)), end);
  return flow.if(i32.ltU(room, i32.const(READ_BYTES)), [flow.drop(memory.grow(i32.const(8)))]);
}

/**
 * Defines the function that answers line after line until there is none.
 *
 * @param bufferAt - Where what is read may begin; it goes on to the end of memory.
 */
export function defineLines(
  wasm: WasmBuilder,
  pipes: ServerPipes,
  answer: FunctionRef<readonly ['i32', 'i32'], 'void'>,
  bufferAt: number,
): FunctionRef<readonly [], 'void'> {
  return wasm.function({ params: [], result: 'void' }, ({ local }) => {
    const [start, at, end, count] = [local('i32'), local('i32'), local('i32'), local('i32')];
    return [
      end.set(i32.const(bufferAt)),
      flow.forever([
        makeRoom(end.get),
        count.set(pipes.read(end.get)),
        flow.if(i32.eqz(count.get), [flow.return()]),
        start.set(i32.const(bufferAt)),
        at.set(end.get),
        end.set(i32.add(end.get, count.get)),
        flow.while(i32.ltU(at.get, end.get), [
          flow.if(i32.eq(i32.load8(at.get), i32.const(LINE_FEED)), [
            call(answer, start.get, at.get),
            start.set(i32.add(at.get, i32.const(1))),
          ]),
          at.set(i32.add(at.get, i32.const(1))),
        ]),
        // What is left is the beginning of a line, of which the rest is still to come.
        memory.copy(i32.const(bufferAt), start.get, i32.sub(end.get, start.get)),
        end.set(i32.add(i32.const(bufferAt), i32.sub(end.get, start.get))),
      ]),
    ];
  });
}
