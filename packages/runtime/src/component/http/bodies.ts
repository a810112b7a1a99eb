import { ok, type WitResult } from '../host-function.ts';
import { InputStream, OutputStream, StreamError } from '../streams.ts';

export const FAILED: WitResult<never, never> = Object.freeze({ tag: 'err' });

/** Bytes of a body. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;

/** Where the bytes of a body go as they are written; they are the guest's own, and have to be copied. */
export interface BodySink {
  write(bytes: Uint8Array): void;
  /** Nothing more is written, and all of it has been. */
  finish(): void;
}

/** A body that a guest writes: kept as a whole, or passed on as it is written. */
export class OutgoingBody {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  stream: OutputStream | undefined;
  #sink: BodySink | undefined;
  #isFinished = false;

  write(): WitResult<OutputStream, never> {
    if (this.stream) return FAILED;
    this.stream = new OutputStream((bytes) => {
      if (this.#sink) {
        this.#sink.write(bytes);
        return;
      }
      this.byteLength += bytes.length;
      if (this.byteLength > MOST_BODY_BYTES) throw new StreamError(`the body is larger than ${MOST_BODY_BYTES} bytes`);
      this.chunks.push(bytes.slice());
    });
    return ok(this.stream);
  }

  /** From here on what is written goes there, after what has been. */
  passOn(sink: BodySink): void {
    this.#sink = sink;
    for (const chunk of this.chunks.splice(0)) sink.write(chunk);
    if (this.#isFinished) sink.finish();
  }

  finish(): void {
    this.stream?.close();
    this.#isFinished = true;
    this.#sink?.finish();
  }
}

export class IncomingBody {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #isTaken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  stream(): WitResult<InputStream, never> {
    if (this.#isTaken) return FAILED;
    this.#isTaken = true;
    return ok(
      new InputStream((most) => {
        const part = this.#bytes.subarray(this.#offset, this.#offset + most);
        this.#offset += part.length;
        return part.length === 0 ? undefined : part;
      }),
    );
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
