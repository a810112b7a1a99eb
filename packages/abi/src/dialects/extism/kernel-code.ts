/** The functions of the kernel that guests call for each byte or word, so that they are WebAssembly themselves. */
export interface KernelCode {
  readonly input_length: () => bigint;
  readonly input_offset: () => bigint;
  readonly load_u8: (address: bigint) => number;
  readonly load_u64: (address: bigint) => bigint;
  readonly input_load_u8: (offset: bigint) => number;
  readonly input_load_u64: (offset: bigint) => bigint;
  readonly store_u8: (address: bigint, value: number) => void;
  readonly store_u64: (address: bigint, value: bigint) => void;
}

/** What that code works on. */
export interface KernelState {
  readonly memory: WebAssembly.Memory;
  /** Both mutable i32, unsigned. */
  readonly inputOffset: WebAssembly.Global;
  readonly inputLength: WebAssembly.Global;
}

const I32 = 0x7f;
const I64 = 0x7e;
const END = 0x0b;
const OFFSET = 0;
const LENGTH = 1;

const argument = (index: number): readonly number[] => [0x20, index];
/** As an i64. */
const global = (index: number): readonly number[] => [0x23, index, 0xad];
const EIGHT = [0x42, 8];
const WRAP = 0xa7;
const LESS = 0x54;
const LESS_OR_EQUAL = 0x58;
const ADD = 0x7c;
const SUBTRACT = 0x7d;
/** Bytes of the memory, of which there is a page at least. */
const SIZE = [0x3f, 0, 0xad, 0x42, 16, 0x86];
const IS_BYTE_INSIDE = [...argument(0), ...SIZE, LESS];
const IS_WORD_INSIDE = [...argument(0), ...SIZE, ...EIGHT, SUBTRACT, LESS_OR_EQUAL];
const INPUT_ADDRESS = [...global(OFFSET), ...argument(0), ADD, WRAP];
const LOAD_BYTE = [0x2d, 0, 0];
const LOAD_WORD = [0x29, 0, 0];

/** One value or the other. */
function either(
  type: number,
  condition: readonly number[],
  then: readonly number[],
  otherwise: readonly number[],
): number[] {
  return [...condition, 0x04, type, ...then, 0x05, ...otherwise, END];
}

function when(condition: readonly number[], then: readonly number[]): number[] {
  return [...condition, 0x04, 0x40, ...then, END];
}

const NO_BYTE = [0x41, 0];
const NO_WORD = [0x42, 0];
/** Whether a word at the offset lies inside the input: the length is asked first, since nothing is less than it minus 8 below 8. */
const IS_INPUT_WORD = either(
  I32,
  [...EIGHT, ...global(LENGTH), LESS_OR_EQUAL],
  [...argument(0), ...global(LENGTH), ...EIGHT, SUBTRACT, LESS_OR_EQUAL],
  [0x41, 0],
);

const TYPES: readonly (readonly number[])[] = [
  [0x60, 0, 1, I64],
  [0x60, 1, I64, 1, I32],
  [0x60, 1, I64, 1, I64],
  [0x60, 2, I64, I32, 0],
  [0x60, 2, I64, I64, 0],
];

const FUNCTIONS: Readonly<Record<keyof KernelCode, { readonly type: number; readonly body: readonly number[] }>> = {
  input_length: { type: 0, body: global(LENGTH) },
  input_offset: { type: 0, body: global(OFFSET) },
  load_u8: { type: 1, body: either(I32, IS_BYTE_INSIDE, [...argument(0), WRAP, ...LOAD_BYTE], NO_BYTE) },
  load_u64: { type: 2, body: either(I64, IS_WORD_INSIDE, [...argument(0), WRAP, ...LOAD_WORD], NO_WORD) },
  input_load_u8: {
    type: 1,
    body: either(I32, [...argument(0), ...global(LENGTH), LESS], [...INPUT_ADDRESS, ...LOAD_BYTE], NO_BYTE),
  },
  input_load_u64: { type: 2, body: either(I64, IS_INPUT_WORD, [...INPUT_ADDRESS, ...LOAD_WORD], NO_WORD) },
  store_u8: { type: 3, body: when(IS_BYTE_INSIDE, [...argument(0), WRAP, ...argument(1), 0x3a, 0, 0]) },
  store_u64: { type: 4, body: when(IS_WORD_INSIDE, [...argument(0), WRAP, ...argument(1), 0x37, 0, 0]) },
};

let compiled: WebAssembly.Module | undefined;

/**
 * This code around a memory of its own. In JavaScript each byte and word would cost a call out of WebAssembly, and a BigInt:
 * several times as much where the guest runs on a stack that can be suspended.
 */
export function linkKernelCode({ memory, inputOffset, inputLength }: KernelState): KernelCode {
  compiled ??= new WebAssembly.Module(assemble());
  const { exports } = new WebAssembly.Instance(compiled, { '': { memory, inputOffset, inputLength } });
  return exports as unknown as KernelCode;
}

function assemble(): Uint8Array<ArrayBuffer> {
  const functions = Object.entries(FUNCTIONS);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, TYPES),
    ...section(2, [
      [0, ...text('memory'), 2, 0, 1],
      [0, ...text('inputOffset'), 3, I32, 1],
      [0, ...text('inputLength'), 3, I32, 1],
    ]),
    ...section(
      3,
      functions.map(([, { type }]) => [type]),
    ),
    ...section(
      7,
      functions.map(([name], index) => [...text(name), 0, index]),
    ),
    ...section(
      10,
      functions.map(([, { body }]) => [body.length + 2, 0, ...body, END]),
    ),
  ]);
}

/** A list as a section. Its length may take two bytes, everything in it takes one. */
function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [items.length, ...items.flat()];
  return [id, (content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}

function text(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)];
}
