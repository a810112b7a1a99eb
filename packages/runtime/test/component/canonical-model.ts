import type { WitType } from '@lockgate/testkit';
import type { FlatType } from './core-module.ts';

/**
 * The Canonical ABI once more, slowly and for types without pointers: where values lie in memory and which core values they are. It shares nothing
 * with the code that it is compared with. Values are as JSON has them. Source: component model, CanonicalABI.md.
 */
export interface Layout {
  readonly size: number;
  readonly align: number;
}

type Cases = readonly (readonly [name: string, type: WitType | null])[];

const SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  char: 4,
};

export function layoutOf(type: WitType): Layout {
  if (typeof type === 'string') return { size: SIZES[type] as number, align: SIZES[type] as number };
  const parts = partsOf(type);
  if (parts) {
    let [size, align] = [0, 1];
    for (const part of parts) {
      const layout = layoutOf(part);
      size = up(size, layout.align) + layout.size;
      align = Math.max(align, layout.align);
    }
    return { size: up(size, align), align };
  }
  if ('flags' in type) {
    const size = type.flags.length > 16 ? 4 : type.flags.length > 8 ? 2 : 1;
    return { size, align: size };
  }
  const layouts = casesOf(type).map(([, payload]) => (payload === null ? { size: 0, align: 1 } : layoutOf(payload)));
  const align = Math.max(1, ...layouts.map((one) => one.align));
  return { size: up(up(1, align) + Math.max(...layouts.map((one) => one.size)), align), align };
}

/** The bytes of a value; what lies between its parts is zero. */
export function imageOf(type: WitType, value: unknown): Uint8Array {
  const { size } = layoutOf(type);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (typeof type === 'string') {
    const number = typeof value === 'string' && type === 'char' ? (value.codePointAt(0) as number) : Number(value);
    if (type === 'f32') view.setFloat32(0, number, true);
    else if (type === 'f64') view.setFloat64(0, number, true);
    else if (size === 8) view.setBigUint64(0, BigInt.asUintN(64, BigInt(value as string)), true);
    else for (let index = 0; index < size; index++) bytes[index] = Math.floor(number / 256 ** index) & 0xff;
    return bytes;
  }
  const parts = partsOf(type);
  if (parts) {
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const layout = layoutOf(part);
      at = up(at, layout.align);
      bytes.set(imageOf(part, valuesOf(type, value)[index]), at);
      at += layout.size;
    }
    return bytes;
  }
  if ('flags' in type) {
    for (const [index, name] of type.flags.entries()) {
      if ((value as string[]).includes(name)) bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7));
    }
    return bytes;
  }
  const { number, payload } = chosen(type, value);
  bytes[0] = number;
  const payloadType = casesOf(type)[number]?.[1];
  const { align } = layoutOf(type);
  if (payloadType) bytes.set(imageOf(payloadType, payload), up(1, align));
  return bytes;
}

/** The core values that a value is, each as its bits. */
export function flatOf(type: WitType, value: unknown): { readonly types: FlatType[]; readonly bits: bigint[] } {
  if (typeof type === 'string') {
    const core: FlatType = type === 'f32' || type === 'f64' ? type : type.endsWith('64') ? 'i64' : 'i32';
    const image = imageOf(type, value);
    const isNegative = type.startsWith('s') && (image.at(-1) as number) > 0x7f;
    const bytes = Uint8Array.from({ length: 8 }, (_, index) => image[index] ?? (isNegative ? 0xff : 0));
    const bits = new DataView(bytes.buffer).getBigUint64(0, true);
    return { types: [core], bits: [core === 'i32' ? bits & 0xffffffffn : bits] };
  }
  const parts = partsOf(type);
  if (parts) {
    const flats = parts.map((part, index) => flatOf(part, valuesOf(type, value)[index]));
    return { types: flats.flatMap((one) => one.types), bits: flats.flatMap((one) => one.bits) };
  }
  if ('flags' in type) {
    const bits = type.flags.reduce(
      (sum, name, index) => ((value as string[]).includes(name) ? sum | (1n << BigInt(index)) : sum),
      0n,
    );
    return { types: ['i32'], bits: [bits] };
  }
  const { number, payload } = chosen(type, value);
  const types: FlatType[] = [];
  for (const [, one] of casesOf(type)) {
    if (one === null) continue;
    for (const [index, flat] of flatTypes(one).entries()) {
      const present = types[index];
      types[index] =
        present === undefined || present === flat ? flat : width(present) + width(flat) === 64 ? 'i32' : 'i64';
    }
  }
  const payloadType = casesOf(type)[number]?.[1];
  const own = payloadType ? flatOf(payloadType, payload).bits : [];
  return { types: ['i32', ...types], bits: [BigInt(number), ...types.map((_, index) => own[index] ?? 0n)] };
}

export function flatTypes(type: WitType): FlatType[] {
  return flatOf(type, sampleOf(type)).types;
}

/** Some value of a type. */
function sampleOf(type: WitType): unknown {
  if (typeof type === 'string') return type === 'bool' ? false : type === 'char' ? 'a' : 0;
  if ('record' in type)
    return Object.fromEntries(Object.entries(type.record).map(([name, one]) => [name, sampleOf(one)]));
  if ('tuple' in type) return type.tuple.map(sampleOf);
  if ('flags' in type) return [];
  if ('enum' in type) return type.enum[0];
  if ('option' in type) return isNested(type.option) ? { tag: 'none' } : null;
  if ('result' in type) return { ok: type.result[0] === null ? null : sampleOf(type.result[0]) };
  if (!('variant' in type)) throw new TypeError('no pointers and no handles');
  const [name, payload] = Object.entries(type.variant)[0] as [string, WitType | null];
  return payload === null ? { tag: name } : { tag: name, val: sampleOf(payload) };
}

function partsOf(type: Exclude<WitType, string>): readonly WitType[] | undefined {
  if ('record' in type) return Object.values(type.record);
  return 'tuple' in type ? type.tuple : undefined;
}

function valuesOf(type: Exclude<WitType, string>, value: unknown): readonly unknown[] {
  if ('record' in type) return Object.keys(type.record).map((name) => (value as Record<string, unknown>)[name]);
  return value as readonly unknown[];
}

function casesOf(type: Exclude<WitType, string>): Cases {
  if ('variant' in type) return Object.entries(type.variant);
  if ('enum' in type) return type.enum.map((name) => [name, null] as const);
  if ('option' in type) return [['none', null] as const, ['some', type.option] as const];
  if ('result' in type) return [['ok', type.result[0]] as const, ['err', type.result[1]] as const];
  throw new TypeError('no pointers and no handles');
}

function chosen(
  type: Exclude<WitType, string>,
  value: unknown,
): { readonly number: number; readonly payload: unknown } {
  const index = (name: string): number => casesOf(type).findIndex(([one]) => one === name);
  if ('enum' in type) return { number: index(value as string), payload: undefined };
  if ('option' in type && !isNested(type.option)) {
    return { number: value === null ? 0 : 1, payload: value };
  }
  if ('result' in type) {
    const [tag, payload] = Object.entries(value as object)[0] as [string, unknown];
    return { number: index(tag), payload };
  }
  const { tag, val } = value as { readonly tag: string; readonly val?: unknown };
  return { number: index(tag), payload: val };
}

/** Of an option in an option it has to be said which of them is none. */
function isNested(inner: WitType): boolean {
  return typeof inner === 'object' && 'option' in inner;
}

function width(type: FlatType): number {
  return type.endsWith('32') ? 32 : 64;
}

function up(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}
