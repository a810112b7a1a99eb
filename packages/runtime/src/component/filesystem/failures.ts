import { Errno, type ErrnoValue, WasiError } from '@lockgate/abi';
import { err, OK, ok, type WitResult } from '../host-function.ts';
import { StreamError } from '../streams.ts';

/** Names that WASI 0.2 has for errors, by the numbers of preview 1. What has no name is an error of input or output. */
const ERROR_CODES: Readonly<Partial<Record<ErrnoValue, string>>> = {
  [Errno.access]: 'access',
  [Errno.again]: 'would-block',
  [Errno.badDescriptor]: 'bad-descriptor',
  [Errno.busy]: 'busy',
  [Errno.exists]: 'exist',
  [Errno.fileTooBig]: 'file-too-large',
  [Errno.illegalSequence]: 'illegal-byte-sequence',
  [Errno.invalid]: 'invalid',
  [Errno.isDirectory]: 'is-directory',
  [Errno.loop]: 'loop',
  [Errno.tooManyOpen]: 'insufficient-memory',
  [Errno.tooManyLinks]: 'too-many-links',
  [Errno.nameTooLong]: 'name-too-long',
  [Errno.noEntry]: 'no-entry',
  [Errno.noSpace]: 'insufficient-space',
  [Errno.notDirectory]: 'not-directory',
  [Errno.notEmpty]: 'not-empty',
  [Errno.notSupported]: 'unsupported',
  [Errno.notImplemented]: 'unsupported',
  [Errno.notPermitted]: 'not-permitted',
  [Errno.brokenPipe]: 'pipe',
  [Errno.readOnly]: 'read-only',
  [Errno.illegalSeek]: 'invalid-seek',
  [Errno.crossDevice]: 'cross-device',
  [Errno.notCapable]: 'not-permitted',
};

/** Why a stream of a file could not go on, which a guest may ask for. */
export class FileStreamError extends StreamError {
  override readonly name = 'FileStreamError';
  readonly code: string;

  constructor(code: string) {
    super(`the file system says: ${code}`);
    this.code = code;
  }
}

/** @throws WasiError always */
export function refuse(errno: ErrnoValue): never {
  throw new WasiError(errno);
}

/** A function whose failures are results. */
export function attempt<A extends unknown[]>(work: (...args: A) => unknown): (...args: A) => WitResult {
  return (...args) => {
    try {
      const value = work(...args);
      return value === undefined ? OK : ok(value);
    } catch (error) {
      if (error instanceof WasiError) return err(ERROR_CODES[error.errno] ?? 'io');
      throw error;
    }
  };
}

/** What a stream does; its failures are those of the stream. @throws FileStreamError */
export function streamed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WasiError) throw new FileStreamError(ERROR_CODES[error.errno] ?? 'io');
    throw error;
  }
}
