import { MessageTooLargeError } from '@lockgate/abi';

const FIRST_BYTES = 64 * 1024;
/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;
const BYTES_PER_STEP = 64 * 1024;

const encoder = new TextEncoder();
// A byte order mark is part of what was said.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Memory for one message that two threads see; it grows in place. */
export function createMessageBuffer(maxBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Math.min(FIRST_BYTES, maxBytes), { maxByteLength: maxBytes });
}

/** Reads and writes the one message in a shared buffer. Neither thread keeps what it read: all are copies. */
export class MessageBlock {
  readonly #buffer: SharedArrayBuffer;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#bytes = new Uint8Array(buffer); // follows the buffer's length as it grows
  }

  /** Writes a text as UTF-8 behind `offset` and answers its bytes. @throws ABI_MESSAGE_TOO_LARGE */
  writeText(text: string, direction: 'to guest' | 'from guest', offset = 0): number {
    // Short texts, nearly all of them, need not be measured before they are encoded.
    if (offset + text.length * MOST_BYTES_PER_UNIT > this.#buffer.byteLength) {
      this.#ensure(offset + Buffer.byteLength(text), direction);
    }
    return encoder.encodeInto(text, offset === 0 ? this.#bytes : this.#bytes.subarray(offset)).written;
  }

  /** Writes bytes at the start and answers how many. @throws ABI_MESSAGE_TOO_LARGE */
  writeBytes(bytes: Uint8Array, direction: 'to guest' | 'from guest'): number {
    this.#ensure(bytes.byteLength, direction);
    this.#bytes.set(bytes);
    return bytes.byteLength;
  }

  /** Room for a message of so many bytes at the start. @throws ABI_MESSAGE_TOO_LARGE */
  room(byteLength: number, direction: 'to guest' | 'from guest'): Uint8Array {
    this.#ensure(byteLength, direction);
    return this.view(byteLength);
  }

  readText(start: number, end: number): string {
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  /** A view, for a copy into a guest's memory at once. */
  view(byteLength: number): Uint8Array {
    return this.#bytes.subarray(0, byteLength);
  }

  #ensure(byteLength: number, direction: 'to guest' | 'from guest'): void {
    const { byteLength: present, maxByteLength } = this.#buffer;
    if (byteLength <= present) return;
    if (byteLength > maxByteLength)
      throw new MessageTooLargeError({ direction, byteLength, limitBytes: maxByteLength });
    this.#buffer.grow(Math.min(maxByteLength, Math.ceil(byteLength / BYTES_PER_STEP) * BYTES_PER_STEP));
  }
}
