import { ok, type WitResult } from '../host-function.ts';
import { InputStream, OutputStream, StreamError } from '../streams.ts';

export const FAILED: WitResult<never, never> = Object.freeze({ tag: 'err' });

/** Bytes of a body. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;

export class OutgoingBody {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  stream: OutputStream | undefined;

  write(): WitResult<OutputStream, never> {
    if (this.stream) return FAILED;
    this.stream = new OutputStream((bytes) => {
      this.byteLength += bytes.length;
      if (this.byteLength > MOST_BODY_BYTES) throw new StreamError(`the body is larger than ${MOST_BODY_BYTES} bytes`);
      this.chunks.push(bytes.slice());
    });
    return ok(this.stream);
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
