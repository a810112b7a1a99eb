import { aligned, type Codec, type FlatType, MOST_FLAT } from './codec.ts';
import type { Crossing } from './crossing.ts';

/** What is one of several: its number, and the payload of that one behind it. */
export interface VariantForm {
  /** Of each case; undefined where it has no payload. */
  readonly payloads: readonly (Codec | undefined)[];
  /** What a value takes of the host's memory beside its payload. */
  readonly heldBytes: number;
  readonly numberOf: (value: unknown) => number;
  readonly payloadOf: (value: unknown) => unknown;
  readonly make: (number: number, payload: unknown) => unknown;
}

const scratch = new DataView(new ArrayBuffer(8));

export function variantCodec({ payloads, heldBytes, numberOf, payloadOf, make }: VariantForm): Codec {
  const tagBytes = payloads.length <= 0x100 ? 1 : payloads.length <= 0x10000 ? 2 : 4;
  const get = tagBytes === 1 ? 'getUint8' : tagBytes === 2 ? 'getUint16' : 'getUint32';
  const set = tagBytes === 1 ? 'setUint8' : tagBytes === 2 ? 'setUint16' : 'setUint32';
  const payloadAlign = Math.max(1, ...payloads.map((one) => one?.align ?? 1));
  const align = Math.max(tagBytes, payloadAlign);
  const offset = aligned(tagBytes, payloadAlign);
  const size = aligned(offset + Math.max(0, ...payloads.map((one) => one?.size ?? 0)), align);
  const shared = sharedFlat(payloads);
  const slots = shared ?? [];
  const known = (crossing: Crossing, number: number): number =>
    number < payloads.length ? number : crossing.trap(`${number} is none of ${payloads.length} cases`);
  return {
    size,
    align,
    heldBytes: heldBytes + Math.max(0, ...payloads.map((one) => one?.heldBytes ?? 0)),
    flat: shared && shared.length < MOST_FLAT ? ['i32', ...shared] : undefined,
    load: (crossing, pointer) => {
      const number = known(crossing, crossing.view[get](pointer, true));
      return make(number, payloads[number]?.load(crossing, pointer + offset));
    },
    store: (crossing, value, pointer) => {
      const number = numberOf(value);
      crossing.view[set](pointer, number, true);
      payloads[number]?.store(crossing, payloadOf(value), pointer + offset);
    },
    lift: (crossing, from) => {
      const number = known(crossing, crossing.int32(from.values[from.next++]) >>> 0);
      const start = from.next;
      from.next += slots.length;
      const payload = payloads[number];
      if (payload === undefined) return make(number, undefined);
      const flat = payload.flat ?? [];
      const values = flat.map((type, index) =>
        unshared(crossing, slots[index] as FlatType, type, from.values[start + index]),
      );
      return make(number, payload.lift(crossing, { values, next: 0 }));
    },
    lower: (crossing, value, to) => {
      const number = numberOf(value);
      to.push(number);
      const payload = payloads[number];
      const own: unknown[] = [];
      payload?.lower(crossing, payloadOf(value), own);
      for (const [index, slot] of slots.entries()) {
        if (index < own.length) to.push(intoShared(payload?.flat?.[index] as FlatType, slot, own[index]));
        else to.push(slot === 'i64' ? 0n : 0);
      }
    },
  };
}

/** Core values that hold the payload of any case. Source: CanonicalABI.md, `join` */
function sharedFlat(payloads: readonly (Codec | undefined)[]): readonly FlatType[] | undefined {
  const shared: FlatType[] = [];
  for (const payload of payloads) {
    if (payload === undefined) continue;
    if (payload.flat === undefined) return undefined;
    for (const [index, type] of payload.flat.entries()) {
      const present = shared[index];
      if (present === undefined || present === type) shared[index] = type;
      else shared[index] = isNarrow(present) && isNarrow(type) ? 'i32' : 'i64';
    }
  }
  return shared;
}

function isNarrow(type: FlatType): boolean {
  return type === 'i32' || type === 'f32';
}

function intoShared(type: FlatType, slot: FlatType, value: unknown): unknown {
  if (type === slot) return value;
  if (type === 'i32') return BigInt((value as number) >>> 0);
  if (type === 'f64') {
    scratch.setFloat64(0, value as number);
    return scratch.getBigUint64(0);
  }
  scratch.setFloat32(0, value as number);
  return slot === 'i32' ? scratch.getInt32(0) : BigInt(scratch.getUint32(0));
}

function unshared(crossing: Crossing, slot: FlatType, type: FlatType, value: unknown): unknown {
  if (type === slot) return value;
  if (slot === 'i32') {
    scratch.setInt32(0, crossing.int32(value));
    return scratch.getFloat32(0);
  }
  const bits = BigInt.asUintN(64, crossing.int64(value));
  if (type === 'f64') {
    scratch.setBigUint64(0, bits);
    return scratch.getFloat64(0);
  }
  scratch.setUint32(0, Number(bits & 0xffffffffn));
  return type === 'i32' ? scratch.getInt32(0) : scratch.getFloat32(0);
}
