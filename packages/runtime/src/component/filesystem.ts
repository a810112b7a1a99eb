import { Errno, FdFlag, WasiError, type WasiFile } from '@lockgate/abi';
import { Descriptor, DescriptorFlag, MOST_BYTES, writer } from './filesystem/descriptor.ts';
import { EntryStream } from './filesystem/entry-stream.ts';
import { attempt, FileStreamError, refuse, streamed } from './filesystem/failures.ts';
import { hashOf, isSame, type NewTimestamp, statOf, timeOf, typeOf } from './filesystem/stat.ts';
import type { HostInterface } from './host-function.ts';
import type { HostMemory } from './host-memory.ts';
import { InputStream, type StreamError } from './streams.ts';

/** Opens one directory that a guest has been granted. @throws WasiError where it is not what it was when it was granted */
export type OpenGrant = () => WasiFile;

const FOLLOW = 1;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
/** Files that one guest may have open at once, as guests of preview 1. */
const MAX_FILES = 128;

/** `wasi:filesystem` for one instance of a guest: what it was granted, and nothing else. */
export class FileSystem {
  readonly interfaces: Readonly<Record<string, HostInterface>>;
  readonly #open: Set<WasiFile> = new Set();
  /** The directories that it was granted, once the guest has asked for them. */
  readonly #roots: Map<OpenGrant, WasiFile> = new Map();

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
    for (const file of [...this.#open, ...this.#roots.values()]) file.close();
    this.#open.clear();
    this.#roots.clear();
  }

  /** A handle was dropped. */
  drop(value: unknown): void {
    if (!(value instanceof Descriptor) || !this.#open.delete(value.file)) return;
    value.file.close();
  }

  /**
   * A directory that is gone, or is another thing now, is left out: the guest has it again once it is back. It is open once, however often a guest asks for it and drops what it was given:
   * JavaScript, which asks for it in each call, drops nothing.
   */
  #granted(open: OpenGrant): [] | [[Descriptor, string]] {
    try {
      const root = this.#roots.get(open) ?? open();
      this.#roots.set(open, root);
      root.stat();
      return [
        [new Descriptor(root, DescriptorFlag.read | DescriptorFlag.mutateDirectory), root.directory?.grantedAs ?? '/'],
      ];
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
      '[method]descriptor.advise': attempt(() => {}),
      '[method]descriptor.sync-data': attempt((self: Descriptor) => self.file.sync?.()),
      '[method]descriptor.sync': attempt((self: Descriptor) => self.file.sync?.()),
      '[method]descriptor.get-flags': attempt((self: Descriptor) => self.flags),
      '[method]descriptor.get-type': attempt((self: Descriptor) => typeOf(self.file.type)),
      '[method]descriptor.set-size': attempt((self: Descriptor, size: bigint) =>
        (self.flags & DescriptorFlag.write) === 0 || self.file.resize === undefined
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
            read: (flags & DescriptorFlag.read) !== 0,
            write: (flags & DescriptorFlag.write) !== 0,
            flags:
              (flags & DescriptorFlag.fileSync ? FdFlag.sync : 0) |
              (flags & DescriptorFlag.dataSync ? FdFlag.dsync : 0),
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
