import type { Codec } from './codec.ts';
import type { Crossing } from './crossing.ts';

/** What is a pointer and a length: strings and lists. */
export function pairCodec(
  lift: (crossing: Crossing, pointer: number, length: number) => unknown,
  lower: (crossing: Crossing, value: unknown) => readonly [number, number],
  heldBytes: number,
): Codec {
  return {
    ...{ size: 8, align: 4, heldBytes, flat: ['i32', 'i32'] },
    load: (crossing, pointer) => {
      const { view } = crossing;
      return lift(crossing, view.getUint32(pointer, true), view.getUint32(pointer + 4, true));
    },
    store: (crossing, value, pointer) => {
      const [start, length] = lower(crossing, value);
      const { view } = crossing; // making room may have moved it
      view.setUint32(pointer, start, true);
      view.setUint32(pointer + 4, length, true);
    },
    lift: (crossing, from) => {
      const pointer = crossing.int32(from.values[from.next++]) >>> 0;
      return lift(crossing, pointer, crossing.int32(from.values[from.next++]) >>> 0);
    },
    lower: (crossing, value, to) => void to.push(...lower(crossing, value)),
  };
}
