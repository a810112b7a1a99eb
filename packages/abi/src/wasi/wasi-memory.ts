import { Errno, WasiError } from './errno.ts';

/** As many buffers as other systems take at once. */
const MAX_BUFFERS = 1_024;
/** As long as paths may be elsewhere, in bytes. */
const MAX_PATH_BYTES = 4_096;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A guest's memory as the functions of WASI use it: whatever leaves it is refused with `fault`, before anything is done. */
export class WasiMemory {
  #memory: WebAssembly.Memory | undefined;

  attach(memory: WebAssembly.Memory | undefined): void {
    this.#memory = memory;
  }

  /** @throws WasiError */
  bytes(pointer: number, byteLength: number): Uint8Array {
    const start = pointer >>> 0;
    const length = byteLength >>> 0;
    const { buffer } = this.#attached;
    if (start + length > buffer.byteLength) throw new WasiError(Errno.fault);
    return new Uint8Array(buffer, start, length);
  }

  /** A place of so many bytes, for values of fixed size. @throws WasiError */
  view(pointer: number, byteLength: number): DataView {
    const { buffer, byteOffset } = this.bytes(pointer, byteLength);
    return new DataView(buffer, byteOffset, byteLength);
  }

  setUint32(pointer: number, value: number): void {
    this.view(pointer, 4).setUint32(0, value, true);
  }

  setUint64(pointer: number, value: bigint): void {
    this.view(pointer, 8).setBigUint64(0, value, true);
  }

  /** The buffers of a vector. @throws WasiError */
  buffers(pointer: number, count: number): Uint8Array[] {
    const many = count >>> 0;
    if (many > MAX_BUFFERS) throw new WasiError(Errno.invalid);
    const vector = this.view(pointer, many * 8);
    const buffers: Uint8Array[] = [];
    let total = 0;
    for (let at = 0; at < many * 8; at += 8) {
      const buffer = this.bytes(vector.getUint32(at, true), vector.getUint32(at + 4, true));
      total += buffer.byteLength;
      // What is read or written is told in 32 bits: many buffers may be the same memory.
      if (total > 0xffff_ffff) throw new WasiError(Errno.invalid);
      if (buffer.byteLength > 0) buffers.push(buffer);
    }
    return buffers;
  }

  /** A path, whose words are not looked at here. @throws WasiError */
  path(pointer: number, byteLength: number): string {
    if (byteLength >>> 0 > MAX_PATH_BYTES) throw new WasiError(Errno.nameTooLong);
    const bytes = this.bytes(pointer, byteLength);
    if (bytes.includes(0)) throw new WasiError(Errno.invalid);
    try {
      return decoder.decode(bytes.slice());
    } catch {
      throw new WasiError(Errno.illegalSequence);
    }
  }

  /** Puts texts behind one another, each ended by a zero, and their places into a list. @throws WasiError */
  writeTexts(texts: readonly string[], list: number, pointer: number): void {
    let at = pointer >>> 0;
    texts.forEach((text, index) => {
      this.setUint32((list >>> 0) + index * 4, at);
      const bytes = encoder.encode(`${text}\0`);
      this.bytes(at, bytes.byteLength).set(bytes);
      at += bytes.byteLength;
    });
  }

  /** How many texts there are, and how many bytes they take. @throws WasiError */
  writeSizes(texts: readonly string[], countPointer: number, sizePointer: number): void {
    this.setUint32(countPointer, texts.length);
    this.setUint32(
      sizePointer,
      texts.reduce((sum, text) => sum + encoder.encode(text).byteLength + 1, 0),
    );
  }

  get #attached(): WebAssembly.Memory {
    if (this.#memory === undefined) throw new WasiError(Errno.fault);
    return this.#memory;
  }
}
