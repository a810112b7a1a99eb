import { parseSpan } from './json.ts';

/** Objects with more keys than this pay for a Set of strings. */
const COMPARED_KEYS = 16;
/** Containers in containers that a frame may have, itself included. */
export const MAX_DEPTH = 128;

// Shared by all scans: one is over before another begins.
const PRINTS = new Int32Array((MAX_DEPTH + 1) * COMPARED_KEYS);
const FROMS = new Int32Array((MAX_DEPTH + 1) * COMPARED_KEYS);
const COUNTS = new Uint8Array(MAX_DEPTH + 1);

/**
 * Finds a key that comes twice in the same object, for all objects that are open at a time.
 *
 * Keys of small objects are told apart by a fingerprint of their bytes, without making a string. Whoever sends many keys
 * of one fingerprint gains nothing: beyond {@link COMPARED_KEYS} a Set decides.
 */
export class DistinctKeys {
  readonly #bytes: Buffer;
  readonly #sets: (Set<string> | undefined)[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A new object begins at this depth. */
  open(depth: number): void {
    COUNTS[depth] = 0;
    this.#sets[depth] = undefined;
  }

  /**
   * Adds the key whose quotes lie at `from` and before `to`.
   *
   * @returns False where the object of this depth has it already.
   */
  add(depth: number, from: number, to: number, escapes: boolean): boolean {
    const bytes = this.#bytes;
    const count = COUNTS[depth] as number;
    const set = this.#sets[depth];
    if (set !== undefined || escapes || count === COMPARED_KEYS) return this.#addString(depth, from, to);
    const size = to - from;
    const print =
      ((bytes[from + 1] as number) |
        ((bytes[to - 2] as number) << 8) |
        ((bytes[from + (size >> 1)] as number) << 16) |
        (size << 24)) ^
      ((bytes[from + (size >> 2)] as number) << 4);
    const first = depth * COMPARED_KEYS;
    for (let i = first; i < first + count; i++) {
      if (PRINTS[i] === print && this.#same(FROMS[i] as number, from, size)) return false;
    }
    PRINTS[first + count] = print;
    FROMS[first + count] = from;
    COUNTS[depth] = count + 1;
    return true;
  }

  /** Both keys have no escapes, and no quote inside: equal up to the closing quote means equal. */
  #same(one: number, other: number, size: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < size; i++) if (bytes[one + i] !== bytes[other + i]) return false;
    return true;
  }

  #addString(depth: number, from: number, to: number): boolean {
    let set = this.#sets[depth];
    if (set === undefined) {
      set = new Set();
      const first = depth * COMPARED_KEYS;
      for (let i = first; i < first + (COUNTS[depth] as number); i++) {
        const start = FROMS[i] as number;
        set.add(parseSpan(this.#bytes, start, this.#bytes.indexOf(34, start + 1) + 1) as string);
      }
      this.#sets[depth] = set;
    }
    const { size } = set;
    return set.add(parseSpan(this.#bytes, from, to) as string).size > size;
  }
}
