import { err, type HostInterface, OK, ok, type WitResult } from './host-function.ts';
import type { Kept } from './host-memory.ts';
import { Pollable, poll, type Sleep } from './pollable.ts';

/** Why a stream could not go on; guests see it as text. */
export class StreamError extends Error {
  override readonly name: string = 'StreamError';
}

/** An error of a stream: closed, or the last operation failed. */
type Failure = { readonly tag: 'closed' } | { readonly tag: 'last-operation-failed'; readonly val: StreamError };

const CLOSED: Failure = Object.freeze({ tag: 'closed' });
/** What a guest may read or write at once, in bytes. */
const CHUNK_BYTES = 1_048_576;

/** Where a guest reads from. */
export class InputStream implements Kept {
  readonly keptBytes = 0;
  readonly keeps: readonly Kept[] | undefined;
  readonly #read: (most: number) => Uint8Array | undefined;
  readonly #isReady: () => boolean;

  /**
   * @param read - Up to so many bytes, none where there are none yet; undefined at the end. @throws StreamError when it cannot
   * @param isReady - Whether there is something to be read, the end as well. Defaults to: always.
   * @param from - What it reads from.
   */
  constructor(read: (most: number) => Uint8Array | undefined, isReady: () => boolean = () => true, from?: Kept) {
    this.#read = read;
    this.#isReady = isReady;
    this.keeps = from && [from];
  }

  read(length: bigint): WitResult<Uint8Array, Failure> {
    const most = length < CHUNK_BYTES ? Number(length) : CHUNK_BYTES;
    if (most === 0) return ok(new Uint8Array(0));
    try {
      const bytes = this.#read(most);
      return bytes === undefined ? err(CLOSED) : ok(bytes);
    } catch (error) {
      return failed(error);
    }
  }

  subscribe(): Pollable {
    return new Pollable(() => (this.#isReady() ? 0 : Number.POSITIVE_INFINITY), undefined, this);
  }

  /** Does something that reads once there is something to be read. */
  whenReady<T>(sleep: Sleep, work: () => T): T | Promise<T> {
    if (this.#isReady()) return work();
    const waiting = poll([this.subscribe()], sleep);
    return waiting instanceof Promise ? waiting.then(work) : work();
  }
}

/** Where a guest writes to. */
export class OutputStream implements Kept {
  readonly keptBytes = 0;
  readonly keeps: readonly Kept[] | undefined;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #mostBytes: number;
  #isClosed = false;

  /**
   * @param write - Takes bytes, of which it keeps copies only. @throws StreamError when it cannot
   * @param to - What keeps them.
   * @param mostBytes - How much the guest is told that it may write at once.
   */
  constructor(write: (bytes: Uint8Array) => void, to?: Kept, mostBytes: number = CHUNK_BYTES) {
    this.#write = write;
    this.#mostBytes = mostBytes;
    this.keeps = to && [to];
  }

  get state(): WitResult<bigint, Failure> {
    return this.#isClosed ? err(CLOSED) : ok(BigInt(this.#mostBytes));
  }

  write(bytes: Uint8Array): WitResult<never, Failure> {
    if (this.#isClosed) return err(CLOSED);
    try {
      this.#write(bytes);
      return OK;
    } catch (error) {
      this.#isClosed = true;
      return failed(error);
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  zeros(length: bigint): WitResult<never, Failure> {
    if (length > this.#mostBytes) throw new WebAssembly.RuntimeError('more zeros are written at once than may be');
    return this.write(new Uint8Array(Number(length)));
  }

  splice(source: InputStream, length: bigint): WitResult<bigint, Failure> {
    const read = source.read(length);
    if (read.tag === 'err') return read;
    const bytes = read.val as Uint8Array;
    const written = this.write(bytes);
    return written.tag === 'err' ? written : ok(BigInt(bytes.length));
  }
}

/** @throws what is no failure of a stream */
function failed(error: unknown): WitResult<never, Failure> {
  if (error instanceof StreamError) return err({ tag: 'last-operation-failed', val: error });
  throw error;
}

function skip(stream: InputStream, length: bigint): WitResult<bigint, Failure> {
  const read = stream.read(length);
  return read.tag === 'err' ? read : ok(BigInt((read.val as Uint8Array).length));
}

const read = (self: InputStream, length: bigint) => self.read(length);
const write = (self: OutputStream, bytes: Uint8Array) => self.write(bytes);
const flush = (self: OutputStream) => (self.state.tag === 'err' ? self.state : OK);
const zeros = (self: OutputStream, length: bigint) => self.zeros(length);
const splice = (self: OutputStream, source: InputStream, length: bigint) => self.splice(source, length);

/** `wasi:io/streams`. Reading waits where nothing has come yet; writing does not. */
export function streamFunctions(sleep: Sleep): HostInterface {
  return {
    '[method]input-stream.read': read,
    '[method]input-stream.blocking-read': (self: InputStream, length: bigint) =>
      self.whenReady(sleep, () => self.read(length)),
    '[method]input-stream.skip': skip,
    '[method]input-stream.blocking-skip': (self: InputStream, length: bigint) =>
      self.whenReady(sleep, () => skip(self, length)),
    '[method]input-stream.subscribe': (self: InputStream) => self.subscribe(),
    '[method]output-stream.check-write': (self: OutputStream) => self.state,
    '[method]output-stream.write': write,
    '[method]output-stream.blocking-write-and-flush': write,
    '[method]output-stream.flush': flush,
    '[method]output-stream.blocking-flush': flush,
    '[method]output-stream.subscribe': () => new Pollable(),
    '[method]output-stream.write-zeroes': zeros,
    '[method]output-stream.blocking-write-zeroes-and-flush': zeros,
    '[method]output-stream.splice': splice,
    '[method]output-stream.blocking-splice': (self: OutputStream, source: InputStream, length: bigint) =>
      source.whenReady(sleep, () => self.splice(source, length)),
  };
}
