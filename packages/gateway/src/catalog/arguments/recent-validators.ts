import type { Validator } from '@cfworker/json-schema';

/** Bytes of schemas whose validators are kept; each takes some ten times as much memory as its schema has bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

interface Kept {
  readonly validator: Validator;
  readonly byteLength: number;
}

/** The validators that were used last. Others are made again when they are needed. */
export class RecentValidators<Key> {
  /** The one that was used last comes last. */
  readonly #kept = new Map<Key, Kept>();
  #bytes = 0;

  /** Of the schemas whose validators are kept. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** @param make - Makes it where it is not there. */
  use(key: Key, byteLength: number, make: () => Validator): Validator {
    const kept = this.#kept.get(key) ?? { validator: make(), byteLength };
    if (!this.#kept.delete(key)) this.#bytes += byteLength;
    this.#kept.set(key, kept);
    for (const [oldest, { byteLength: size }] of this.#kept) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#kept.delete(oldest);
      this.#bytes -= size;
    }
    return kept.validator;
  }
}
