const CODES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, externref: 0x6f };

/** Limits as bytes: no maximum, or both. */
export const atLeast = (min: number): number[] => [0x00, ...leb(min)];
export const between = (min: number, max: number): number[] => [0x01, ...leb(min), ...leb(max)];

export interface FunctionSpec {
  /** As `(i32, i32) -> i64`. */
  readonly type: string;
  readonly exported?: string;
  /** Instructions without the closing `end`; traps by default. */
  readonly code?: readonly number[];
}

export interface ModuleSpec {
  readonly imports?: readonly { module: string; name: string; type?: string; memory?: readonly number[] }[];
  readonly functions?: readonly FunctionSpec[];
  readonly memories?: readonly (readonly number[])[];
  /** Export name of memory 0; `null` for none. */
  readonly memoryExport?: string | null;
  /** One mutable i32 global for bump allocators. */
  readonly heapStart?: number;
  readonly data?: { readonly offset: number; readonly bytes: readonly number[] };
  /** Sections put in as they are, before all others. */
  readonly front?: readonly (readonly number[])[];
}

/** An unsigned LEB128, padded with empty groups to a length where one is given. */
export function leb(value: number, length = 1): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(rest % 128);
    rest = Math.floor(rest / 128);
  } while (rest > 0 || bytes.length < length);
  return bytes.map((byte, index) => (index < bytes.length - 1 ? byte | 0x80 : byte));
}

export const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
export const text = (value: string): number[] => [
  ...leb(new TextEncoder().encode(value).length),
  ...new TextEncoder().encode(value),
];
export const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
export const preamble: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module in bytes. */
export function buildModule(spec: ModuleSpec): Uint8Array<ArrayBuffer> {
  const imports = spec.imports ?? [];
  const functions = spec.functions ?? [];
  const memories = spec.memories ?? [];
  const types = [...imports.flatMap(({ type }) => type ?? []), ...functions.map(({ type }) => type)];
  let typeIndex = 0;
  const importEntries = imports.map(({ module, name, memory }) => [
    ...text(module),
    ...text(name),
    ...(memory ? [2, ...memory] : [0, ...leb(typeIndex++)]),
  ]);
  const imported = typeIndex;
  const exports = functions.flatMap(({ exported }, index) =>
    exported === undefined ? [] : [[...text(exported), 0, ...leb(imported + index)]],
  );
  if (spec.memoryExport !== null) exports.unshift([...text(spec.memoryExport ?? 'memory'), 2, 0]);
  const codes = functions.map(({ code }) => {
    const body = [0, ...(code ?? [0x00]), 0x0b];
    return [...leb(body.length), ...body];
  });
  const { data, heapStart } = spec;
  return Uint8Array.from([
    ...preamble,
    ...(spec.front ?? []).flat(),
    ...section(1, vector(types.map(encodeType))),
    ...section(2, vector(importEntries)),
    ...section(3, vector(functions.map((_, index) => leb(imported + index)))),
    ...(memories.length > 0 ? section(5, vector(memories)) : []),
    ...(heapStart === undefined ? [] : section(6, vector([[0x7f, 1, ...constant(heapStart), 0x0b]]))),
    ...section(7, vector(exports)),
    ...section(10, vector(codes)),
    ...(data
      ? section(11, vector([[0, ...constant(data.offset), 0x0b, ...leb(data.bytes.length), ...data.bytes]]))
      : []),
  ]);
}

/** `i32.const` of an unsigned number below 2^31. */
const constant = (value: number): number[] => [0x41, ...signed(BigInt(value))];
/** `i64.const` */
const constant64 = (value: bigint): number[] => [0x42, ...signed(BigInt.asIntN(64, value))];

/** Bump allocation from global 0; the heap is never reused. */
export const bumpMalloc: readonly number[] = [0x23, 0, 0x23, 0, 0x20, 0, 0x6a, 0x24, 0];

/** The functions of a plugin that answers from data at 1024 and echoes what `execute` and `configure` get. */
export const pluginFunctions: readonly FunctionSpec[] = [
  { exported: 'name', type: '() -> i64', code: constant64((1024n << 32n) | 4n) },
  { exported: 'metadata', type: '() -> i64', code: constant64(0n) },
  { exported: 'tools', type: '() -> i64', code: constant64(0n) },
  { exported: 'configure', type: '(i64) -> i64', code: [0x20, 0] },
  { exported: 'execute', type: '(i64) -> i64', code: [0x20, 0] },
  { exported: 'healthy', type: '() -> i32', code: constant(1) },
  { exported: 'malloc', type: '(i32) -> i32', code: bumpMalloc },
  { exported: 'free', type: '(i32) -> ()', code: [] },
];

/** A plugin named `echo`, with parts replaced. */
export const pluginModule = (changes: ModuleSpec = {}): Uint8Array<ArrayBuffer> =>
  buildModule({
    functions: pluginFunctions,
    memories: [atLeast(1)],
    heapStart: 4096,
    data: { offset: 1024, bytes: [...new TextEncoder().encode('echo')] },
    ...changes,
  });

const labelType = '(i32, i32, i32, i32) -> i32';

/** Copies the input to the output buffer and answers its length. */
const labelEcho: readonly number[] = [0x20, 2, 0x20, 0, 0x20, 1, 0xfc, 0x0a, 0, 0, 0x20, 1];

/** The functions of a guard that answers with what it is asked. */
export const guardFunctions: readonly FunctionSpec[] = [
  { exported: 'label_agent', type: labelType, code: labelEcho },
  { exported: 'label_resource', type: labelType, code: labelEcho },
  { exported: 'label_response', type: labelType, code: labelEcho },
];

export const guardModule = (changes: ModuleSpec = {}): Uint8Array<ArrayBuffer> =>
  buildModule({ functions: guardFunctions, memories: [atLeast(1)], heapStart: 4096, ...changes });

function encodeType(type: string): number[] {
  const [params = '', results = ''] = type.split(' -> ');
  const list = (part: string): number[] => {
    const names = part.replace(/[()]/g, '').split(', ').filter(Boolean);
    return vector(names.map((name) => [CODES[name] ?? 0]));
  };
  return [0x60, ...list(params), ...list(results)];
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const last = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    bytes.push(last ? byte : byte | 0x80);
    if (last) return bytes;
  }
}
