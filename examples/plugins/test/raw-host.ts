import { readFileSync } from 'node:fs';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface RawPlugin {
  readonly exports: Record<string, (...values: unknown[]) => unknown>;
  readonly memory: WebAssembly.Memory;
  readonly log: string[];
  /** Calls an export that takes a span, gives one, or both. */
  call(exportName: string, input?: string): string;
  execute(tool: string, args?: unknown): { data: string; is_error?: boolean };
}

/** The ABI by hand, in as few lines as it takes: these tests are about the guests and about nothing between. */
export function openPlugin(
  name: string,
  answer: (request: HttpRequest) => unknown = () => ({ status: 0, headers: {}, body: 'no network here' }),
): RawPlugin {
  const module = new WebAssembly.Module(readFileSync(new URL(`../dist/${name}.wasm`, import.meta.url)));
  const log: string[] = [];
  const instance = new WebAssembly.Instance(module, {
    env: {
      host_log: (pointer: number, length: number) => void log.push(read(pointer >>> 0, length >>> 0)),
      host_http_request: (span: bigint) => write(JSON.stringify(answer(JSON.parse(readSpan(span))))),
    },
  });
  const exports = instance.exports as RawPlugin['exports'];
  const memory = instance.exports.memory as WebAssembly.Memory;
  const read = (pointer: number, length: number): string => Buffer.from(memory.buffer, pointer, length).toString();
  const readSpan = (span: bigint): string => read(Number(BigInt.asUintN(64, span) >> 32n), Number(span & 0xffff_ffffn));
  const write = (text: string): bigint => {
    const bytes = Buffer.from(text);
    const pointer = Number(exports.malloc?.(bytes.length)) >>> 0;
    new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
    return (BigInt(pointer) << 32n) | BigInt(bytes.length);
  };
  const call = (exportName: string, input?: string): string => {
    const sent = input === undefined ? [] : [write(input)];
    const received = exports[exportName]?.(...sent) as bigint;
    const text = readSpan(received);
    for (const span of [...sent, received]) exports.free?.(Number(BigInt.asUintN(64, span) >> 32n) | 0);
    return text;
  };
  exports._initialize?.();
  return {
    exports,
    memory,
    log,
    call,
    execute: (tool, args) => JSON.parse(call('execute', JSON.stringify({ tool_name: tool, args }))),
  };
}
