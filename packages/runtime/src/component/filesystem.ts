import {
  Errno,
  type ErrnoValue,
  FdFlag,
  Filetype,
  type WasiDirectory,
  WasiError,
  type WasiFile,
  type WasiStat,
} from '@lockgate/abi';
import { err, type HostInterface, OK, ok, type WitResult } from './host-function.ts';
import type { HostMemory, Kept } from './host-memory.ts';
import { InputStream, OutputStream, StreamError } from './streams.ts';

/** Opens one directory that a guest has been granted. @throws WasiError where it is not what it was when it was granted */
export type OpenGrant = () => WasiFile;

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

const FOLLOW = 1;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const READ = 1;
const WRITE = 2;
const [FILE_SYNC, DATA_SYNC] = [4, 8] as const;
const MUTATE_DIRECTORY = 32;
/** Files that one guest may have open at once, as guests of preview 1. */
const MAX_FILES = 128;
/** What the name of a file takes beside itself. */
const ENTRY_BYTES = 128;
/** What is read at once, in bytes. */
const MOST_BYTES = 1_048_576;
const NANOSECONDS = 1_000_000_000n;

type NewTimestamp =
  | { readonly tag: 'no-change' | 'now' }
  | { readonly tag: 'timestamp'; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } };

/** An open file or directory of a guest. */
class Descriptor {
  readonly file: WasiFile;
  readonly flags: number;

  constructor(file: WasiFile, flags: number) {
    this.file = file;
    this.flags = flags;
  }

  /** @throws WasiError unless it is a directory */
  get directory(): WasiDirectory {
    return this.file.directory ?? refuse(Errno.notDirectory);
  }

  read(length: number, offset: bigint): Uint8Array {
    if (this.file.directory) refuse(Errno.isDirectory);
    if (this.file.read === undefined || (this.flags & READ) === 0) return refuse(Errno.badDescriptor);
    const buffer = new Uint8Array(Math.min(length, MOST_BYTES));
    return buffer.subarray(0, this.file.read([buffer], offset));
  }

  write(bytes: Uint8Array, offset: bigint): number {
    if (this.file.directory) refuse(Errno.isDirectory);
    if (this.file.write === undefined || (this.flags & WRITE) === 0) return refuse(Errno.badDescriptor);
    return bytes.length === 0 ? 0 : this.file.write([bytes], offset);
  }
}

/** The names of a directory, one after the other. */
class EntryStream implements Kept {
  readonly keptBytes: number;
  readonly #entries: Iterator<ReturnType<WasiDirectory['entries']>[number]>;

  /** @throws WasiError where the host keeps too much */
  constructor(directory: WasiDirectory, memory: HostMemory) {
    const entries = directory.entries();
    this.keptBytes = entries.reduce((sum, { name }) => sum + ENTRY_BYTES + 2 * name.length, 0);
    if (!memory.takes(this.keptBytes)) refuse(Errno.tooManyOpen);
    this.#entries = entries[Symbol.iterator]();
  }

  next(): { readonly type: string; readonly name: string } | undefined {
    const { done, value } = this.#entries.next();
    return done ? undefined : { type: typeOf(value.type), name: value.name };
  }
}

/** Why a stream of a file could not go on, which a guest may ask for. */
class FileStreamError extends StreamError {
  override readonly name = 'FileStreamError';
  readonly code: string;

  constructor(code: string) {
    super(`the file system says: ${code}`);
    this.code = code;
  }
}

/** `wasi:filesystem` for one instance of a guest: what it was granted, and nothing else. */
export class FileSystem {
  readonly interfaces: Readonly<Record<string, HostInterface>>;
  readonly #open: Set<WasiFile> = new Set();

  constructor(grants: readonly OpenGrant[], memory: HostMemory) {
    this.interfaces = {
      'wasi:filesystem/preopens': {
        'get-directories': () => grants.flatMap((open) => this.#granted(open)),
      },
      'wasi:filesystem/types': this.#types(memory),
    };
  }

  /** Closes what the guest has left open. */
  close(): void {
    for (const file of this.#open) file.close();
    this.#open.clear();
  }

  /** A handle was dropped. */
  drop(value: unknown): void {
    if (!(value instanceof Descriptor) || !this.#open.delete(value.file)) return;
    value.file.close();
  }

  /** A directory that is gone, or is another thing now, is left out: the guest has it again once it is back. */
  #granted(open: OpenGrant): [] | [[Descriptor, string]] {
    try {
      const kept = this.#keep(open, READ | MUTATE_DIRECTORY);
      return [[kept, kept.file.directory?.grantedAs ?? '/']];
    } catch (error) {
      if (error instanceof WasiError) return [];
      throw error;
    }
  }

  /** @throws WasiError where too many are open, before another is */
  #keep(open: OpenGrant, flags: number): Descriptor {
    if (this.#open.size >= MAX_FILES) refuse(Errno.tooManyOpen);
    const file = open();
    this.#open.add(file);
    return new Descriptor(file, flags);
  }

  #types(memory: HostMemory): HostInterface {
    return {
      '[method]descriptor.read-via-stream': attempt((self: Descriptor, offset: bigint) => {
        self.read(0, offset);
        let at = offset;
        return new InputStream((most) => {
          const bytes = streamed(() => self.read(most, at));
          at += BigInt(bytes.length);
          return bytes.length === 0 ? undefined : bytes;
        });
      }),
      '[method]descriptor.write-via-stream': attempt((self: Descriptor, offset: bigint) => writer(self, offset)),
      '[method]descriptor.append-via-stream': attempt((self: Descriptor) => writer(self)),
      '[method]descriptor.advise': attempt(nothing),
      '[method]descriptor.sync-data': attempt((self: Descriptor) => self.file.sync?.()),
      '[method]descriptor.sync': attempt((self: Descriptor) => self.file.sync?.()),
      '[method]descriptor.get-flags': attempt((self: Descriptor) => self.flags),
      '[method]descriptor.get-type': attempt((self: Descriptor) => typeOf(self.file.type)),
      '[method]descriptor.set-size': attempt((self: Descriptor, size: bigint) =>
        (self.flags & WRITE) === 0 || self.file.resize === undefined
          ? refuse(Errno.badDescriptor)
          : self.file.resize(size),
      ),
      '[method]descriptor.set-times': attempt((self: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) =>
        (self.file.setTimes ?? refuse(Errno.notPermitted)).call(self.file, {
          accessed: timeOf(accessed),
          modified: timeOf(modified),
        }),
      ),
      '[method]descriptor.read': attempt((self: Descriptor, length: bigint, offset: bigint) => {
        const most = length < MOST_BYTES ? Number(length) : MOST_BYTES;
        const bytes = self.read(most, offset);
        return [bytes, most > 0 && bytes.length === 0];
      }),
      '[method]descriptor.write': attempt((self: Descriptor, bytes: Uint8Array, offset: bigint) =>
        BigInt(self.write(bytes, offset)),
      ),
      '[method]descriptor.read-directory': attempt((self: Descriptor) => new EntryStream(self.directory, memory)),
      '[method]directory-entry-stream.read-directory-entry': attempt((self: EntryStream) => self.next()),
      '[method]descriptor.create-directory-at': attempt((self: Descriptor, path: string) =>
        self.directory.makeDirectory(path),
      ),
      '[method]descriptor.stat': attempt((self: Descriptor) => statOf(self.file.stat())),
      '[method]descriptor.stat-at': attempt((self: Descriptor, follow: number, path: string) =>
        statOf(self.directory.stat(path, (follow & FOLLOW) !== 0)),
      ),
      '[method]descriptor.set-times-at': attempt(
        (self: Descriptor, follow: number, path: string, accessed: NewTimestamp, modified: NewTimestamp) =>
          self.directory.setTimes(path, (follow & FOLLOW) !== 0, {
            accessed: timeOf(accessed),
            modified: timeOf(modified),
          }),
      ),
      '[method]descriptor.link-at': attempt(
        (self: Descriptor, follow: number, path: string, into: Descriptor, newPath: string) =>
          self.directory.link(path, (follow & FOLLOW) !== 0, into.directory, newPath),
      ),
      '[method]descriptor.open-at': attempt(
        (self: Descriptor, follow: number, path: string, open: number, flags: number) => {
          const how = {
            followLinks: (follow & FOLLOW) !== 0,
            create: (open & CREATE) !== 0,
            directory: (open & DIRECTORY) !== 0,
            exclusive: (open & EXCLUSIVE) !== 0,
            truncate: (open & TRUNCATE) !== 0,
            read: (flags & READ) !== 0,
            write: (flags & WRITE) !== 0,
            flags: (flags & FILE_SYNC ? FdFlag.sync : 0) | (flags & DATA_SYNC ? FdFlag.dsync : 0),
          };
          return this.#keep(() => self.directory.open(path, how), flags);
        },
      ),
      '[method]descriptor.readlink-at': attempt((self: Descriptor, path: string) => self.directory.readLink(path)),
      '[method]descriptor.remove-directory-at': attempt((self: Descriptor, path: string) =>
        self.directory.removeDirectory(path),
      ),
      '[method]descriptor.rename-at': attempt((self: Descriptor, path: string, into: Descriptor, newPath: string) =>
        self.directory.rename(path, into.directory, newPath),
      ),
      '[method]descriptor.symlink-at': attempt((self: Descriptor, target: string, path: string) =>
        self.directory.makeLink(target, path),
      ),
      '[method]descriptor.unlink-file-at': attempt((self: Descriptor, path: string) => self.directory.removeFile(path)),
      '[method]descriptor.is-same-object': (self: Descriptor, other: Descriptor) =>
        isSame(self.file.stat(), other.file.stat()),
      '[method]descriptor.metadata-hash': attempt((self: Descriptor) => hashOf(self.file.stat())),
      '[method]descriptor.metadata-hash-at': attempt((self: Descriptor, follow: number, path: string) =>
        hashOf(self.directory.stat(path, (follow & FOLLOW) !== 0)),
      ),
      'filesystem-error-code': (error: StreamError) => (error instanceof FileStreamError ? error.code : undefined),
    };
  }
}

function nothing(): void {}

function refuse(errno: ErrnoValue): never {
  throw new WasiError(errno);
}

/** A function whose failures are results. */
function attempt<A extends unknown[]>(work: (...args: A) => unknown): (...args: A) => WitResult {
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

function streamed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WasiError) throw new FileStreamError(ERROR_CODES[error.errno] ?? 'io');
    throw error;
  }
}

/** Writes from a place on, or, without one, each time at the end of then. */
function writer(self: Descriptor, offset?: bigint): OutputStream {
  self.write(new Uint8Array(0), offset ?? 0n);
  let at = offset;
  return new OutputStream((bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      const written = streamed(() => self.write(rest, at ?? self.file.stat().size));
      if (at !== undefined) at += BigInt(written);
      rest = rest.subarray(written);
    }
  });
}

function typeOf(type: WasiStat['type']): string {
  switch (type) {
    case Filetype.directory:
      return 'directory';
    case Filetype.regularFile:
      return 'regular-file';
    case Filetype.symbolicLink:
      return 'symbolic-link';
    case Filetype.characterDevice:
      return 'character-device';
    default:
      return 'unknown';
  }
}

function statOf(stat: WasiStat): object {
  return {
    type: typeOf(stat.type),
    'link-count': stat.links,
    size: stat.size,
    'data-access-timestamp': datetime(stat.accessed),
    'data-modification-timestamp': datetime(stat.modified),
    'status-change-timestamp': datetime(stat.changed),
  };
}

function datetime(nanoseconds: bigint): { readonly seconds: bigint; readonly nanoseconds: number } | undefined {
  if (nanoseconds < 0n) return undefined;
  return { seconds: nanoseconds / NANOSECONDS, nanoseconds: Number(nanoseconds % NANOSECONDS) };
}

function timeOf(time: NewTimestamp): bigint | undefined {
  if (time.tag === 'timestamp') return time.val.seconds * NANOSECONDS + BigInt(time.val.nanoseconds);
  return time.tag === 'now' ? BigInt(Date.now()) * 1_000_000n : undefined;
}

function isSame(one: WasiStat, other: WasiStat): boolean {
  return one.device === other.device && one.inode === other.inode;
}

function hashOf({ inode, device }: WasiStat): { readonly lower: bigint; readonly upper: bigint } {
  return { lower: inode, upper: device };
}
