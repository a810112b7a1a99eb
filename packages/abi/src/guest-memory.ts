import { SpanError } from './errors.ts';
import type { Span } from './span.ts';

const encoder = new TextEncoder();
// A byte order mark is part of what the guest said, so it is kept.
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/**
 * The only way into a guest's memory. Every access is checked against the memory's size at that moment, and only
 * copies come out: `memory.grow` detaches views, so none may outlive a call.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** The memory's present size, in bytes. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Copies a span out. A span of length 0 is empty wherever it points.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS
   */
  copyOut(span: Span): Uint8Array {
    if (span.byteLength === 0) return new Uint8Array(0);
    return this.#within(span.pointer, span.byteLength).slice(span.pointer, span.pointer + span.byteLength);
  }

  /**
   * Copies a span to the start of the room that is made for it, and answers its length. No room is asked for before
   * the span is known to lie inside memory, nor for a span of length 0.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS, and what `room` throws.
   */
  copyInto(span: Span, room: (byteLength: number) => Uint8Array): number {
    const { pointer, byteLength } = span;
    if (byteLength === 0) return 0;
    const bytes = this.#within(pointer, byteLength);
    room(byteLength).set(bytes.subarray(pointer, pointer + byteLength));
    return byteLength;
  }

  /**
   * Reads a span as UTF-8; what is not UTF-8 becomes U+FFFD. A span of length 0 is empty wherever it points.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS
   */
  readText(span: Span): string {
    if (span.byteLength === 0) return '';
    return lenient.decode(this.#readable(span));
  }

  /**
   * Reads a span as UTF-8, or answers `undefined` when it holds anything else.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS
   */
  readExactText(span: Span): string | undefined {
    if (span.byteLength === 0) return '';
    const bytes = this.#readable(span);
    try {
      return strict.decode(bytes);
    } catch {
      return undefined;
    }
  }

  /**
   * Reads the unsigned 32-bit number at a pointer.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS
   */
  readUint32(pointer: number): number {
    const bytes = this.#within(pointer, 4);
    return new DataView(bytes.buffer).getUint32(pointer, true);
  }

  /**
   * Copies bytes in at a pointer.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS when they do not fit in whole; then nothing is written.
   */
  write(pointer: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#within(pointer, bytes.byteLength).set(bytes, pointer);
  }

  /**
   * Writes a text as UTF-8 and answers the bytes used. A text that does not fit into `capacity` bytes is cut at the
   * last whole character that does.
   *
   * @throws ABI_SPAN_OUT_OF_BOUNDS when the capacity itself leaves the memory; then nothing is written.
   */
  writeText(pointer: number, text: string, capacity: number): number {
    if (text === '' || capacity === 0) return 0;
    const room = this.#within(pointer, capacity).subarray(pointer, pointer + capacity);
    return encoder.encodeInto(text, room).written;
  }

  /**
   * Grows the memory until it holds at least so many bytes; answers whether it now does.
   */
  ensure(byteLength: number): boolean {
    const pages = Math.ceil((byteLength - this.byteLength) / 65_536);
    if (pages <= 0) return true;
    try {
      this.#memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  /** The whole memory as bytes, once it is sure that the range lies inside. Never handed out. */
  #within(pointer: number, byteLength: number): Uint8Array {
    // A detached view has length 0 and a shared memory's old view is too short: both end up here, and only then is
    // `memory.buffer`, a costly getter, read again. Written so that NaN fails the test too.
    if (!(pointer >= 0 && byteLength >= 0 && pointer + byteLength <= this.#bytes.length)) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      if (!(pointer >= 0 && byteLength >= 0 && pointer + byteLength <= this.#bytes.length)) {
        throw new SpanError({ pointer, byteLength, memoryByteLength: this.#bytes.length });
      }
    }
    return this.#bytes;
  }

  #readable(span: Span): Uint8Array {
    const bytes = this.#within(span.pointer, span.byteLength);
    const end = span.pointer + span.byteLength;
    // Decoders refuse shared buffers in browsers; another thread could also change them while they are read.
    return bytes.buffer instanceof ArrayBuffer ? bytes.subarray(span.pointer, end) : bytes.slice(span.pointer, end);
  }
}
