import { Readable } from 'node:stream';
import type { PassedHead } from './replica-message.ts';

/** A request that another gateway has passed on, as far as an `IncomingMessage` is read of it. */
export class PassedRequest extends Readable {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  #bytes = 0;

  constructor({ method, headers }: PassedHead) {
    super();
    this.method = method;
    this.headers = headers;
  }

  override _read(): void {}

  /** Bytes of its body that have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** More of its body. */
  append(bytes: Buffer, hasMore: boolean): void {
    this.#bytes += bytes.length;
    if (bytes.length > 0) this.push(bytes);
    if (!hasMore) this.push(null);
  }
}
