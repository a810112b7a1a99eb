import { ModuleFormatError } from '../errors.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Reads a module's bytes from front to back and never past its end. Source: WebAssembly core spec, §5.2. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** @throws ABI_BAD_MODULE always, naming the present offset. */
  fail(problem: string): never {
    throw new ModuleFormatError({ byteOffset: this.offset, problem });
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (value === undefined) this.fail('it ends too early');
    this.offset += 1;
    return value;
  }

  /** An unsigned LEB128 of at most 32 bits. Padded forms are legal up to 5 bytes. */
  u32(): number {
    return this.#unsigned(32);
  }

  /** An unsigned LEB128 of at most 64 bits; above 2^53 it is only approximately right, and far above any limit. */
  u64(): number {
    return this.#unsigned(64);
  }

  /** Moves past a signed LEB128 of at most 33 bits: a heap type, of which only the length matters here. */
  skipS33(): void {
    for (let index = 0; index < 5; index++) {
      if (this.byte() < 0x80) return;
    }
    this.fail('a number is longer than its type allows');
  }

  name(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    try {
      return decoder.decode(this.bytes.slice(start, this.offset));
    } catch {
      this.offset = start;
      return this.fail('a name is not UTF-8');
    }
  }

  skip(byteLength: number): void {
    if (byteLength > this.end - this.offset) this.fail('it ends too early');
    this.offset += byteLength;
  }

  #unsigned(bits: number): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      const room = bits - shift;
      if (room < 7 && (byte & 0x7f) >= 2 ** room) this.fail('a number is larger than its type allows');
      // Not `<<`: that wraps at 32 bits.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail('a number is longer than its type allows');
  }
}

/** An unsigned LEB128 in its shortest form. */
export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}
