/** The types of core functions. */
export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

export interface CoreFunction {
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
  /** The name under which it is exported. */
  readonly name: string;
  /** Instructions without the closing `end`. */
  readonly code: readonly number[];
}

export interface CoreSpec {
  /** They come first in the numbering of functions; the module that they are imported from is `host`. */
  readonly imports?: readonly Omit<CoreFunction, 'code'>[];
  readonly functions: readonly CoreFunction[];
  /** @default 2 */
  readonly pages?: number;
  /** Whether it takes memory and `realloc` from a module called `heap`, instead of having its own. @default false */
  readonly sharesMemory?: boolean;
  /** The function that runs when it is instantiated, by its name. */
  readonly start?: string;
  readonly data?: { readonly offset: number; readonly bytes: readonly number[] };
}

const TYPES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
/** Where `realloc` begins to hand out memory. */
const HEAP = 0x8000;

/** A core module for functions of any type, which the testkit's builder has not. */
export function coreModule(spec: CoreSpec): Uint8Array<ArrayBuffer> {
  const { imports = [], functions, pages = 2, sharesMemory = false, start, data } = spec;
  const realloc: CoreFunction = {
    name: 'realloc',
    params: ['i32', 'i32', 'i32', 'i32'],
    results: ['i32'],
    // next = heap; heap = (heap + length + 15) & -16; next
    code: [0x23, 0, 0x23, 0, 0x20, 3, 0x6a, 0x41, 15, 0x6a, 0x41, 0x70, 0x71, 0x24, 0],
  };
  const own = sharesMemory ? functions : [realloc, ...functions];
  const all = [...imports, ...own];
  const indexOf = (name: string): number => all.findIndex((one) => one.name === name);
  const types = all.map(({ params, results }) => [
    0x60,
    ...list(params.map((one) => [TYPES[one]])),
    ...list(results.map((one) => [TYPES[one]])),
  ]);
  const given = imports.map(({ name }, index) => [...text('host'), ...text(name), 0, ...leb(index)]);
  const memory = [...text('heap'), ...text('memory'), 2, 0, ...leb(pages)];
  const exports = own.map(({ name }) => [...text(name), 0, ...leb(indexOf(name))]);
  return Uint8Array.from(
    [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, list(types)),
      section(2, list(sharesMemory ? [...given, memory] : given)),
      section(3, list(own.map((_, index) => leb(imports.length + index)))),
      section(5, list(sharesMemory ? [] : [[0, ...leb(pages)]])),
      section(6, list(sharesMemory ? [] : [[0x7f, 1, 0x41, ...sleb(HEAP), 0x0b]])),
      section(7, list([[...text('memory'), 2, 0], ...exports])),
      start === undefined ? [] : [8, ...sized(leb(indexOf(start)))],
      section(10, list(own.map(({ code }) => sized([0, ...code, 0x0b])))),
      section(11, list(data ? [[0, 0x41, ...sleb(data.offset), 0x0b, ...sized(data.bytes)]] : [])),
    ].flat(),
  );
}

export function i32Const(value: number): number[] {
  return [0x41, ...sleb(value)];
}

/** `memory[address] = value`, of 32 bits. */
export function store32(address: number, value: readonly number[]): number[] {
  return [...i32Const(address), ...value, 0x36, 2, 0];
}

export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest > 127 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

function sleb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && low < 64) || (rest === -1 && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function section(id: number, content: readonly number[]): number[] {
  return content.length === 1 && content[0] === 0 ? [] : [id, ...sized(content)];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function sized(bytes: readonly number[]): number[] {
  return [...leb(bytes.length), ...bytes];
}

function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}
