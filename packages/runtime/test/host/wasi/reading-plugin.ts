import { type Code, call, flow, i32, i64, WasmBuilder } from '@lockgate/testkit';

const WASI = 'wasi_snapshot_preview1';
const [COUNT, SIZE, FD, VECTOR, READ, LIST, INPUT, OUTPUT] = [1024, 1028, 1032, 1040, 1048, 2048, 8192, 16_384];
const ROOM = 4_096;
const READS = 2n;

/**
 * A plugin that reads `note.txt` in the first directory that it has: each tool call answers its environment and then the file, or `errno` and a letter
 * where it could not open it, `a` for 0. The file stays open where `keepsOpen` is set.
 */
export function readingPlugin({ keepsOpen = false } = {}): Uint8Array<ArrayBuffer> {
  const wasm = new WasmBuilder();
  const [p, q]: ['i32', 'i64'] = ['i32', 'i64'];
  const environSizes = wasm.import(WASI, 'environ_sizes_get', [p, p], p);
  const environ = wasm.import(WASI, 'environ_get', [p, p], p);
  const open = wasm.import(WASI, 'path_open', [p, p, p, p, p, q, q, p, p], p);
  const read = wasm.import(WASI, 'fd_read', [p, p, p, p], p);
  const close = wasm.import(WASI, 'fd_close', [p], p);
  const at = (address: number) => i32.const(address);
  const span = (pointer: number, byteLength: Code<'i32'>) =>
    i64.or(i64.const(BigInt(pointer) << 32n), i64.extend(byteLength));
  const says = (name: string, text: string): void => {
    const { pointer, byteLength } = wasm.text(text);
    wasm.function({ params: [], result: 'i64', export: name }, () => [span(pointer, i32.const(byteLength))]);
  };
  const metadata = { name: 'reader', version: '1.0.0', abi_version: 1, capabilities: [], credential_keys: [] };
  const tools = [{ name: 'read', description: 'Reads.', parameters: {}, required: [] }];
  says('name', 'reader');
  says('metadata', JSON.stringify({ ...metadata, plain_text_keys: [], optional_keys: [], placeholders: {} }));
  says('tools', JSON.stringify(tools));
  wasm.function({ params: ['i32'], result: 'i32', export: 'malloc' }, () => [at(INPUT)]);
  wasm.function({ params: ['i32'], result: 'void', export: 'free' }, () => []);
  wasm.function({ params: [], result: 'i32', export: 'healthy' }, () => [i32.const(1)]);
  wasm.function({ params: ['i64'], result: 'i64', export: 'configure' }, () => [i64.const(0n)]);
  const failure = wasm.text('errno ?');
  const path = wasm.text('note.txt');
  wasm.function({ params: ['i64'], result: 'i64', export: 'execute' }, ({ local }) => {
    const errno = local('i32');
    const [size, fd] = [i32.load(at(SIZE)), i32.load(at(FD))];
    return [
      flow.drop(call(environSizes, at(COUNT), at(SIZE))),
      flow.drop(call(environ, at(LIST), at(OUTPUT))),
      errno.set(
        call(
          open,
          ...([i32.const(3), at(0), at(path.pointer), i32.const(path.byteLength), at(0)] as const),
          ...([i64.const(READS), i64.const(0n), at(0), at(FD)] as const),
        ),
      ),
      flow.if(errno.get, [
        i32.store8(at(failure.pointer + failure.byteLength - 1), i32.add(errno.get, i32.const(97))),
        flow.return(span(failure.pointer, i32.const(failure.byteLength))),
      ]),
      i32.store(at(VECTOR), i32.add(at(OUTPUT), size)),
      i32.store(at(VECTOR + 4), i32.const(ROOM)),
      flow.drop(call(read, fd, at(VECTOR), i32.const(1), at(READ))),
      ...(keepsOpen ? [] : [flow.drop(call(close, fd))]),
      span(OUTPUT, i32.add(size, i32.load(at(READ)))),
    ];
  });
  return wasm.build();
}
