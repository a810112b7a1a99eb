import type { Codec } from './codec.ts';
import type { Crossing } from './crossing.ts';
import type { Primitive } from './value-type.ts';

/** How one kind of number lies in memory. */
type NumberView = 'Int8' | 'Uint8' | 'Int16' | 'Uint16' | 'Int32' | 'Uint32' | 'Float32' | 'Float64';

const SURROGATES = { first: 0xd800, last: 0xdfff };
const LAST_CODE_POINT = 0x10ffff;

/** A number that is no small integer. */
const HELD_BYTES = 16;
/** A big integer, and the text of it in JSON. */
const HELD_BYTES_OF_BIG = 64;
/** An array of names, in JSON. */
const HELD_BYTES_OF_FLAGS = 192;

/** An integer of at most 32 bits; `narrow` makes of an i32 what of it counts. */
function integer(size: 1 | 2 | 4, view: NumberView, narrow: (value: number) => number): Codec {
  const get = `get${view}` as const;
  const set = `set${view}` as const;
  return {
    ...{ size, align: size, heldBytes: size === 4 ? HELD_BYTES : 0, flat: ['i32'] },
    load: ({ view: memory }, pointer) => memory[get](pointer, true),
    store: ({ view: memory }, value, pointer) => memory[set](pointer, value as number, true),
    lift: (crossing, from) => narrow(crossing.int32(from.values[from.next++])),
    lower: (_, value, to) => void to.push(value),
  };
}

function bigInteger(view: 'BigInt64' | 'BigUint64', narrow: (value: bigint) => bigint): Codec {
  const get = `get${view}` as const;
  const set = `set${view}` as const;
  return {
    ...{ size: 8, align: 8, heldBytes: HELD_BYTES_OF_BIG, flat: ['i64'] },
    load: ({ view: memory }, pointer) => memory[get](pointer, true),
    store: ({ view: memory }, value, pointer) => memory[set](pointer, value as bigint, true),
    lift: (crossing, from) => narrow(crossing.int64(from.values[from.next++])),
    lower: (_, value, to) => void to.push(value),
  };
}

function float(size: 4 | 8, view: 'Float32' | 'Float64'): Codec {
  const get = `get${view}` as const;
  const set = `set${view}` as const;
  return {
    ...{ size, align: size, heldBytes: HELD_BYTES, flat: [size === 4 ? 'f32' : 'f64'] },
    load: ({ view: memory }, pointer) => memory[get](pointer, true),
    store: ({ view: memory }, value, pointer) => memory[set](pointer, value as number, true),
    lift: (crossing, from) => crossing.int32(from.values[from.next++]),
    lower: (_, value, to) => void to.push(value),
  };
}

function codePoint(crossing: Crossing, value: number): number {
  if (value > LAST_CODE_POINT || (value >= SURROGATES.first && value <= SURROGATES.last))
    crossing.trap(`${value} is no character`);
  return value;
}

const word = integer(4, 'Uint32', (value) => value >>> 0);
const byte = integer(1, 'Uint8', (value) => value & 0xff);

/** Numbers, booleans and characters. */
export const NUMBER_CODECS: Readonly<Record<Exclude<Primitive, 'string'>, Codec>> = {
  bool: {
    ...byte,
    load: ({ view }, pointer) => view.getUint8(pointer) !== 0,
    store: ({ view }, value, pointer) => view.setUint8(pointer, value === true ? 1 : 0),
    lift: (crossing, from) => crossing.int32(from.values[from.next++]) !== 0,
    lower: (_, value, to) => void to.push(value === true ? 1 : 0),
  },
  u8: byte,
  s8: integer(1, 'Int8', (value) => (value << 24) >> 24),
  u16: integer(2, 'Uint16', (value) => value & 0xffff),
  s16: integer(2, 'Int16', (value) => (value << 16) >> 16),
  u32: word,
  s32: integer(4, 'Int32', (value) => value | 0),
  u64: bigInteger('BigUint64', (value) => BigInt.asUintN(64, value)),
  s64: bigInteger('BigInt64', (value) => BigInt.asIntN(64, value)),
  f32: float(4, 'Float32'),
  f64: float(8, 'Float64'),
  char: {
    ...word,
    load: (crossing, pointer) => codePoint(crossing, crossing.view.getUint32(pointer, true)),
    lift: (crossing, from) => codePoint(crossing, crossing.int32(from.values[from.next++]) >>> 0),
  },
};

/** Flags: a bit for each name, in as many bytes as they take. Bits without a name are dropped. */
export function flagsCodec(names: number): Codec {
  const size = names <= 8 ? 1 : names <= 16 ? 2 : 4;
  const mask = names === 32 ? 0xffffffff : 2 ** names - 1;
  const view = size === 1 ? 'Uint8' : size === 2 ? 'Uint16' : 'Uint32';
  const plain = integer(size, view, (value) => (value & mask) >>> 0);
  return {
    ...plain,
    heldBytes: HELD_BYTES_OF_FLAGS,
    load: (crossing, pointer) => ((plain.load(crossing, pointer) as number) & mask) >>> 0,
  };
}
