import { aligned, type Codec, type FlatType, MOST_FLAT } from './codec.ts';

const MOST_PLAIN_FIELDS = 8;

/** Parts that lie one behind the other: records, tuples, the parameters of a function. */
export interface SequenceCodec extends Codec {
  readonly parts: readonly Codec[];
}

/**
 * @param names - Of records, whose values are objects; without them they are arrays.
 */
export function sequenceCodec(parts: readonly Codec[], names?: readonly string[]): SequenceCodec {
  const offsets: number[] = [];
  let end = 0;
  let align = 1;
  for (const part of parts) {
    const offset = aligned(end, part.align);
    offsets.push(offset);
    end = offset + part.size;
    align = Math.max(align, part.align);
  }
  const count = parts.length;
  const at = (index: number): Codec => parts[index] as Codec;
  const part = (value: unknown, index: number): unknown =>
    names ? (value as Readonly<Record<string, unknown>>)[names[index] as string] : (value as readonly unknown[])[index];
  const gather = (read: (index: number) => unknown): unknown => {
    if (names === undefined) return Array.from({ length: count }, (_, index) => read(index));
    const record: Record<string, unknown> = {};
    for (let index = 0; index < count; index++) record[names[index] as string] = read(index);
    return record;
  };
  return {
    parts,
    size: aligned(end, align),
    align,
    heldBytes: heldBytesOf(parts, names !== undefined),
    flat: joined(parts),
    load: (crossing, pointer) => gather((index) => at(index).load(crossing, pointer + (offsets[index] as number))),
    store: (crossing, value, pointer) => {
      for (let index = 0; index < count; index++)
        at(index).store(crossing, part(value, index), pointer + (offsets[index] as number));
    },
    lift: (crossing, from) => gather((index) => at(index).lift(crossing, from)),
    lower: (crossing, value, to) => {
      for (let index = 0; index < count; index++) at(index).lower(crossing, part(value, index), to);
    },
  };
}

/** An object or array, here and in JSON. Objects with more than a few fields are tables. */
function heldBytesOf(parts: readonly Codec[], isRecord: boolean): number {
  const each = isRecord && parts.length > MOST_PLAIN_FIELDS ? 64 : 16;
  return parts.reduce((sum, part) => sum + part.heldBytes + each, 128);
}

function joined(parts: readonly Codec[]): readonly FlatType[] | undefined {
  const flat: FlatType[] = [];
  for (const part of parts) {
    if (part.flat === undefined || flat.length + part.flat.length > MOST_FLAT) return undefined;
    flat.push(...part.flat);
  }
  return flat;
}
