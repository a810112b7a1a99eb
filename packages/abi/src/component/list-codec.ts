import type { Codec } from './codec.ts';
import type { Crossing } from './crossing.ts';
import { pairCodec } from './pair-codec.ts';

/** An array of nothing, here and in JSON. */
const HELD_BYTES = 96;
/** A place in it, here and in JSON. */
const PLACE_BYTES = 16;
/** A `Uint8Array` of few bytes, and the array that it becomes. */
const HELD_BYTES_OF_BYTES = 288;

/** Lists whose elements are of one size; those of bytes are copied as they are. */
export function listCodec(element: Codec, isBytes: boolean): Codec {
  return isBytes ? pairCodec(liftBytes, lowerBytes, 0) : pairCodec(lift, lower, 0);

  function lift(crossing: Crossing, pointer: number, length: number): unknown[] {
    const start = crossing.range(pointer, length * element.size, element.align);
    crossing.spend(length * element.size, 'from guest');
    crossing.hold(HELD_BYTES + length * (PLACE_BYTES + element.heldBytes));
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) items.push(element.load(crossing, start + index * element.size));
    return items;
  }

  function lower(crossing: Crossing, value: unknown): readonly [number, number] {
    const items = value as readonly unknown[];
    crossing.spend(items.length * element.size, 'to guest');
    const pointer = crossing.allocate(items.length * element.size, element.align);
    for (let index = 0; index < items.length; index++) {
      element.store(crossing, items[index], pointer + index * element.size);
    }
    return [pointer, items.length];
  }
}

function liftBytes(crossing: Crossing, pointer: number, length: number): Uint8Array {
  const start = crossing.range(pointer, length, 1);
  crossing.spend(length, 'from guest');
  crossing.hold(HELD_BYTES_OF_BYTES);
  return crossing.bytes.slice(start, start + length);
}

function lowerBytes(crossing: Crossing, value: unknown): readonly [number, number] {
  const bytes = value as ArrayLike<number>;
  crossing.spend(bytes.length, 'to guest');
  const pointer = crossing.allocate(bytes.length, 1);
  if (bytes.length > 0) crossing.bytes.set(bytes, pointer);
  return [pointer, bytes.length];
}
