import { ByteRing } from './byte-ring.ts';

/** Bytes that are kept: what languages say of their end is followed by stacks. */
const MOST_BYTES = 4_096;

/** A ring whose writer remembers the last of what it wrote. */
export class HeardRing extends ByteRing {
  #last = new Uint8Array(0);

  override write(data: Uint8Array): number {
    const count = super.write(data);
    const heard = data.subarray(Math.max(0, count - MOST_BYTES), count);
    const all = new Uint8Array(this.#last.length + heard.length);
    all.set(this.#last);
    all.set(heard, this.#last.length);
    this.#last = all.slice(-MOST_BYTES);
    return count;
  }

  /** As a text. */
  get tail(): string {
    return new TextDecoder().decode(this.#last);
  }
}
