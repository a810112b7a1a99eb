import { ok, type WitResult } from '../host-function.ts';
import type { HostMemory, Kept } from '../host-memory.ts';
import { InputStream, OutputStream, StreamError } from '../streams.ts';

export const FAILED: WitResult<never, never> = Object.freeze({ tag: 'err' });

/** Bytes of a body. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;
/** Room for the first of them. */
const FIRST_BYTES = 1_024;

/** Where the bytes of a body go as they are written; they are the guest's own, and have to be copied. */
export interface BodySink {
  write(bytes: Uint8Array): void;
  /** Nothing more is written, and all of it has been. */
  finish(): void;
}

/** A body that a guest writes: kept as a whole, or passed on as it is written. */
export class OutgoingBody implements Kept {
  readonly #memory: HostMemory;
  #room: Uint8Array = new Uint8Array(0);
  #byteLength = 0;
  #stream: OutputStream | undefined;
  #sink: BodySink | undefined;
  #isFinished = false;

  constructor(memory: HostMemory) {
    this.#memory = memory;
  }

  get keptBytes(): number {
    return this.#room.length;
  }

  /** What has been written and not been passed on. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#byteLength);
  }

  write(): WitResult<OutputStream, never> {
    if (this.#stream) return FAILED;
    this.#stream = new OutputStream((bytes) => {
      if (this.#sink) this.#sink.write(bytes);
      else this.#keep(bytes);
    }, this);
    return ok(this.#stream);
  }

  /** From here on what is written goes there, after what has been. */
  passOn(sink: BodySink): void {
    this.#sink = sink;
    if (this.#byteLength > 0) sink.write(this.bytes);
    this.#room = new Uint8Array(0);
    this.#byteLength = 0;
    if (this.#isFinished) sink.finish();
  }

  finish(): void {
    this.#stream?.close();
    this.#isFinished = true;
    this.#sink?.finish();
  }

  /** As one piece, however small the parts are: each would take memory beside its bytes. */
  #keep(bytes: Uint8Array): void {
    const byteLength = this.#byteLength + bytes.length;
    if (byteLength > MOST_BODY_BYTES) throw new StreamError(`the body is larger than ${MOST_BODY_BYTES} bytes`);
    if (byteLength > this.#room.length) {
      const room = Math.min(MOST_BODY_BYTES, Math.max(byteLength, this.#room.length * 2, FIRST_BYTES));
      if (!this.#memory.takes(room - this.#room.length)) throw new StreamError(this.#memory.refusal);
      const next = new Uint8Array(room);
      next.set(this.bytes);
      this.#room = next;
    }
    this.#room.set(bytes, this.#byteLength);
    this.#byteLength = byteLength;
  }
}

export class IncomingBody implements Kept {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #isTaken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get keptBytes(): number {
    return this.#bytes.length;
  }

  stream(): WitResult<InputStream, never> {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    const read = (most: number): Uint8Array | undefined => {
      const part = this.#bytes.subarray(this.#offset, this.#offset + most);
      this.#offset += part.length;
      return part.length === 0 ? undefined : part;
    };
    return ok(new InputStream(read, undefined, this));
  }
}

export class FutureTrailers {
  #isTaken = false;

  get(): WitResult {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    return ok(ok(undefined));
  }
}
