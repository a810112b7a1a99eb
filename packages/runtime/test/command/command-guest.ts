import { type Code, call, flow, i32, type Variable, WasmBuilder } from '@lockgate/testkit';

/** Where the buffer is, how long it is, and where a vector and a count of bytes lie. */
const BUFFER = 65_536;
export const BUFFER_BYTES = 65_536;
const VECTOR = 128;
const COUNT = 192;

/** What the body of a command is written with. */
export interface CommandKit {
  readonly wasm: WasmBuilder;
  /** Reads into the buffer; how much is in `count`, and what came of it is left. */
  read(fd?: number): Code<'i32'>;
  /** Writes so many bytes of the buffer; what came of it is left. */
  write(fd: number, byteLength: Code<'i32'>): Code<'i32'>;
  /** Writes a text, whatever comes of it. */
  say(fd: number, text: string): Code<'void'>;
  readonly count: Code<'i32'>;
  /** Lets others have the processor, as Go does again and again where it waits for a signal. */
  yields(): Code<'void'>;
  /** Has its input answer at once where there is nothing. */
  unblocks(): Code<'void'>;
  exit(code: Code<'i32'>): Code<'void'>;
  local: (type: 'i32') => Variable<'i32'>;
}

/** A command of WASI preview 1, whose `_start` does what is written; with `isEarly` its start section, before it is linked. */
export function commandGuest(
  body: (kit: CommandKit) => readonly Code<'void'>[],
  { custom, isEarly = false }: { readonly custom?: string; readonly isEarly?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder({ minPages: 2 });
  const module = 'wasi_snapshot_preview1';
  const read = wasm.import(module, 'fd_read', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const write = wasm.import(module, 'fd_write', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const exit = wasm.import(module, 'proc_exit', ['i32'], 'void');
  const setFlags = wasm.import(module, 'fd_fdstat_set_flags', ['i32', 'i32'], 'i32');
  const pause = wasm.import(module, 'sched_yield', [], 'i32');
  const at = (pointer: number): Code<'i32'> => i32.const(pointer);
  const io = (to: typeof read, fd: number, from: Code<'i32'>, length: Code<'i32'>): Code<'i32'> => {
    const both: Code<'void'>[] = [i32.store(at(VECTOR), from), i32.store(at(VECTOR + 4), length)];
    const done = call(to, i32.const(fd), at(VECTOR), i32.const(1), at(COUNT));
    return { type: 'i32', bytes: [...both.flatMap(({ bytes }) => bytes), ...done.bytes] };
  };
  const written = wasm.function({ params: [], result: 'void', ...(!isEarly && { export: '_start' }) }, ({ local }) =>
    body({
      wasm,
      read: (fd = 0) => io(read, fd, at(BUFFER), i32.const(BUFFER_BYTES)),
      write: (fd, byteLength) => io(write, fd, at(BUFFER), byteLength),
      say: (fd, text) => {
        const { pointer, byteLength } = wasm.text(text);
        return flow.drop(io(write, fd, at(pointer), i32.const(byteLength)));
      },
      count: i32.load(at(COUNT)),
      yields: () => flow.drop(call(pause)),
      unblocks: () => flow.drop(call(setFlags, i32.const(0), i32.const(4))),
      exit: (code) => call(exit, code),
      local: () => local('i32'),
    }),
  );
  if (isEarly) {
    wasm.startFunction(written);
    wasm.function({ params: [], result: 'void', export: '_start' }, () => []);
  }
  if (custom !== undefined) wasm.custom(custom, new Uint8Array());
  return wasm.build();
}
