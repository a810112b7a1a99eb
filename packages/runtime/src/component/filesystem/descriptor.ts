import { Errno, type WasiDirectory, type WasiFile } from '@lockgate/abi';
import { OutputStream } from '../streams.ts';
import { refuse, streamed } from './failures.ts';

/** Flags of a descriptor. Source: wasi:filesystem, `descriptor-flags`. */
export const DescriptorFlag = { read: 1, write: 2, fileSync: 4, dataSync: 8, mutateDirectory: 32 } as const;
/** What is read at once, in bytes. */
export const MOST_BYTES = 1_048_576;

/** An open file or directory of a guest. */
export class Descriptor {
  readonly file: WasiFile;
  /** What it was opened for, as far as that was granted. */
  readonly flags: number;

  constructor(file: WasiFile, flags: number) {
    this.file = file;
    this.flags = file.directory?.isWritable === false ? flags & ~DescriptorFlag.mutateDirectory : flags;
  }

  /** @throws WasiError unless it is a directory */
  get directory(): WasiDirectory {
    return this.file.directory ?? refuse(Errno.notDirectory);
  }

  read(length: number, offset: bigint): Uint8Array {
    if (this.file.directory) refuse(Errno.isDirectory);
    if (this.file.read === undefined || (this.flags & DescriptorFlag.read) === 0) return refuse(Errno.badDescriptor);
    const buffer = new Uint8Array(Math.min(length, MOST_BYTES));
    return buffer.subarray(0, this.file.read([buffer], offset));
  }

  write(bytes: Uint8Array, offset: bigint): number {
    if (this.file.directory) refuse(Errno.isDirectory);
    if (this.file.write === undefined || (this.flags & DescriptorFlag.write) === 0) return refuse(Errno.badDescriptor);
    return bytes.length === 0 ? 0 : this.file.write([bytes], offset);
  }
}

/** Writes from a place on, or, without one, each time at the end of then. */
export function writer(self: Descriptor, offset?: bigint): OutputStream {
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
