// MCP over stdin and stdout, as far as a server with tools needs it: a message is a line. Keep it as it is.
import { Json, Kind } from './json';

@external('wasi_snapshot_preview1', 'fd_read')
declare function fdRead(fd: i32, vectors: usize, count: i32, done: usize): i32;
@external('wasi_snapshot_preview1', 'fd_write')
declare function fdWrite(fd: i32, vectors: usize, count: i32, done: usize): i32;
@external('wasi_snapshot_preview1', 'environ_sizes_get')
declare function environSizesGet(count: usize, byteLength: usize): i32;
@external('wasi_snapshot_preview1', 'environ_get')
declare function environGet(list: usize, bytes: usize): i32;

const CHUNK_BYTES: i32 = 65536;
const LINE_FEED: u8 = 10;
const VECTOR: usize = memory.data(8);
const DONE: usize = memory.data(8);

/** A tool's answer: a text, or a message for whoever called it wrongly. */
export class Result {
  constructor(readonly text: string, readonly isError: bool = false) {}
}

export class Tool {
  readonly name: string;

  /** `definition` is what MCP has of a tool: name, description, inputSchema and, where wanted, annotations. */
  constructor(readonly definition: Json, private readonly run: (args: Json) => Result) {
    this.name = definition.at('name').text;
  }

  call(args: Json): Result { return this.run(args); }
}

/** Answers messages until there are no more. */
export function serve(name: string, version: string, tools: Tool[]): void {
  let room: i32 = CHUNK_BYTES;
  let buffer = heap.alloc(room);
  let length: i32 = 0;
  while (true) {
    if (room - length < CHUNK_BYTES) {
      room *= 2;
      buffer = heap.realloc(buffer, room);
    }
    store<u32>(VECTOR, <u32>(buffer + length));
    store<u32>(VECTOR, CHUNK_BYTES, 4);
    if (fdRead(0, VECTOR, 1, DONE) != 0) return;
    const read = load<i32>(DONE);
    if (read == 0) return;
    let start: i32 = 0;
    for (let at = length; at < length + read; at++) {
      if (load<u8>(buffer + at) != LINE_FEED) continue;
      const said = answer(Json.parse(String.UTF8.decodeUnsafe(buffer + start, at - start)), name, version, tools);
      if (said != '') write(1, said + '\n');
      start = at + 1;
    }
    length = length + read - start;
    memory.copy(buffer, buffer + start, length);
  }
}

/** A variable of the environment; '' where there is none. */
export function environment(name: string): string {
  environSizesGet(DONE, DONE + 4);
  const count = load<i32>(DONE);
  const list = heap.alloc(count * 4 + 4);
  const bytes = heap.alloc(load<i32>(DONE + 4) + 1);
  environGet(list, bytes);
  let found = '';
  for (let i = 0; i < count; i++) {
    const start: usize = load<u32>(list + i * 4);
    let end = start;
    while (load<u8>(end) != 0) end++;
    const pair = String.UTF8.decodeUnsafe(start, end - start);
    if (pair.startsWith(name + '=')) found = pair.substring(name.length + 1);
  }
  heap.free(list);
  heap.free(bytes);
  return found;
}

function answer(asked: Json, name: string, version: string, tools: Tool[]): string {
  const id = asked.at('id');
  if (id.isNull) return ''; // what has no id wants no answer
  const method = asked.at('method').text;
  const said = Json.object().set('jsonrpc', Json.string('2.0')).set('id', id);
  if (method == 'initialize') {
    const result = Json.parse('{"protocolVersion":"2025-06-18","capabilities":{"tools":{}}}');
    const info = Json.object().set('name', Json.string(name)).set('version', Json.string(version));
    return said.set('result', result.set('serverInfo', info)).stringify();
  }
  if (method == 'ping') return said.set('result', Json.object()).stringify();
  if (method == 'tools/list') {
    const definitions = Json.array(tools.map<Json>((tool) => tool.definition));
    return said.set('result', Json.object().set('tools', definitions)).stringify();
  }
  if (method == 'tools/call') {
    const params = asked.at('params');
    const args = params.at('arguments');
    for (let i = 0; i < tools.length; i++) {
      if (tools[i].name != params.at('name').text) continue;
      const outcome = tools[i].call(args.kind == Kind.Object ? args : Json.object());
      const content = Json.object().set('type', Json.string('text')).set('text', Json.string(outcome.text));
      const result = Json.object().set('content', Json.array([content]));
      if (outcome.isError) result.set('isError', Json.parse('true'));
      return said.set('result', result).stringify();
    }
  }
  const error = Json.parse('{"code":-32601,"message":"there is no such method or tool"}');
  return said.set('error', error).stringify();
}

function write(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  let pointer = changetype<usize>(bytes);
  let left = bytes.byteLength;
  while (left > 0) {
    store<u32>(VECTOR, <u32>pointer);
    store<u32>(VECTOR, left, 4);
    if (fdWrite(fd, VECTOR, 1, DONE) != 0) return;
    pointer += load<u32>(DONE);
    left -= load<i32>(DONE);
  }
}

/** Where `throw`, `assert` and every trap of the standard library end: the log gets the message first. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  write(2, `${message ? message : 'aborted'} (${file ? file : 'unknown file'}:${line}:${column})\n`);
  unreachable();
}
