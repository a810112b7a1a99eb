import type { Descriptors } from './descriptors.ts';
import type { WasiCalls } from './wasi-calls.ts';
import { Filetype, type WasiEntry } from './wasi-file.ts';
import type { WasiMemory } from './wasi-memory.ts';

const HEAD_BYTES = 24;

/**
 * Listings. A guest's buffer is filled to its last byte, an entry cut where it ends: that it is full says that there is more, and its cookie is
 * the place of the next entry in what the directory had when it was read from the start.
 */
export function listingCalls(memory: WasiMemory, descriptors: Descriptors): WasiCalls {
  return {
    fd_readdir: (fd: number, buffer: number, byteLength: number, cookie: bigint, pointer: number) => {
      const descriptor = descriptors.get(fd);
      const directory = descriptors.directory(fd);
      const room = memory.bytes(buffer, byteLength);
      memory.view(pointer, 4);
      if (cookie === 0n || descriptor.listing === undefined) {
        const { inode } = descriptor.file.stat();
        const dots: readonly WasiEntry[] = ['.', '..'].map((name) => ({ name, inode, type: Filetype.directory }));
        descriptor.listing = [...dots, ...directory.entries()];
      }
      let used = 0;
      for (let next = Number(BigInt.asUintN(64, cookie)); used < room.byteLength; next += 1) {
        const entry = descriptor.listing[next];
        if (entry === undefined) break;
        const bytes = entryBytes(entry, next + 1).subarray(0, room.byteLength - used);
        room.set(bytes, used);
        used += bytes.byteLength;
      }
      memory.setUint32(pointer, used);
    },
  };
}

/** Source: wasi_snapshot_preview1, "dirent". */
function entryBytes({ name, inode, type }: WasiEntry, next: number): Uint8Array {
  const words = new TextEncoder().encode(name);
  const bytes = new Uint8Array(HEAD_BYTES + words.byteLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, inode, true);
  view.setUint32(16, words.byteLength, true);
  view.setUint8(20, type);
  bytes.set(words, HEAD_BYTES);
  return bytes;
}
