import { type Code, call, flow, i32, sequence } from '../instructions.ts';
import { WasmBuilder } from '../wasm-builder.ts';
import {
  defineAnswer,
  defineLines,
  MISBEHAVIOUR,
  READ_BYTES,
  type ServerPipes,
  type ToolBody,
} from './server-answer.ts';

const BUFFER = 65_536;
const [VECTOR, COUNT] = [128, 192];

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
  const through = (to: typeof read, fd: number, from: Code<'i32'>, length: Code<'i32'>): readonly Code<'void'>[] => [
    i32.store(i32.const(VECTOR), from),
    i32.store(i32.const(VECTOR + 4), length),
    flow.drop(call(to, i32.const(fd), i32.const(VECTOR), i32.const(1), i32.const(COUNT))),
  ];
  const pipes: ServerPipes = {
    read: (to) => sequence('i32', [...through(read, 0, to, i32.const(READ_BYTES)), i32.load(i32.const(COUNT))]),
    write: (fd, from, byteLength) => sequence('void', through(write, fd, from, byteLength)),
    exit: (code) => call(exit, i32.const(code)),
  };
  const lines = defineLines(wasm, pipes, defineAnswer(wasm, { tools, version, pipes }), BUFFER);
  wasm.exportFunction('_start', lines);
  return wasm.build();
}
