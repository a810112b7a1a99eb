import type { Descriptors } from './descriptors.ts';
import { Errno, WasiError } from './errno.ts';
import { newTimes, writeStat } from './stat-layout.ts';
import type { WasiCalls } from './wasi-calls.ts';
import type { WasiMemory } from './wasi-memory.ts';
import type { WasiSystem } from './wasi-system.ts';

const FOLLOW = 1;
const OpenFlag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

/** The rights by which a guest says what it opens a file for. Of the others Go asks for many that it does not mean. */
const READS = 1n << 1n;
const WRITES = 1n << 6n;

/** What is done with paths, each of which begins at an open directory. */
export function pathCalls(system: WasiSystem, memory: WasiMemory, descriptors: Descriptors): WasiCalls {
  return {
    path_create_directory: (fd: number, path: number, length: number) =>
      descriptors.directory(fd).makeDirectory(memory.path(path, length)),
    path_filestat_get: (fd: number, flags: number, path: number, length: number, pointer: number) => {
      const stat = descriptors.directory(fd).stat(memory.path(path, length), (flags & FOLLOW) !== 0);
      writeStat(memory, pointer, stat);
    },
    path_filestat_set_times: (
      fd: number,
      flags: number,
      path: number,
      length: number,
      accessed: bigint,
      modified: bigint,
      timeFlags: number,
    ) => {
      const times = newTimes(system, accessed, modified, timeFlags);
      descriptors.directory(fd).setTimes(memory.path(path, length), (flags & FOLLOW) !== 0, times);
    },
    path_link: (
      fd: number,
      flags: number,
      path: number,
      length: number,
      newFd: number,
      newPath: number,
      newLength: number,
    ) =>
      descriptors
        .directory(fd)
        .link(
          memory.path(path, length),
          (flags & FOLLOW) !== 0,
          descriptors.directory(newFd),
          memory.path(newPath, newLength),
        ),
    path_open: (
      fd: number,
      lookupFlags: number,
      path: number,
      length: number,
      openFlags: number,
      rights: bigint,
      _inheriting: bigint,
      flags: number,
      pointer: number,
    ) => {
      const directory = descriptors.directory(fd);
      const name = memory.path(path, length);
      memory.view(pointer, 4);
      const number = descriptors.add(() =>
        directory.open(name, {
          followLinks: (lookupFlags & FOLLOW) !== 0,
          create: (openFlags & OpenFlag.create) !== 0,
          directory: (openFlags & OpenFlag.directory) !== 0,
          exclusive: (openFlags & OpenFlag.exclusive) !== 0,
          truncate: (openFlags & OpenFlag.truncate) !== 0,
          read: (rights & READS) !== 0n,
          write: (rights & WRITES) !== 0n,
          flags: flags & 0xffff,
        }),
      );
      memory.setUint32(pointer, number);
    },
    path_readlink: (
      fd: number,
      path: number,
      length: number,
      buffer: number,
      bufferLength: number,
      pointer: number,
    ) => {
      const target = new TextEncoder().encode(descriptors.directory(fd).readLink(memory.path(path, length)));
      const told = target.subarray(0, bufferLength >>> 0);
      memory.view(pointer, 4);
      memory.bytes(buffer, told.byteLength).set(told);
      memory.setUint32(pointer, told.byteLength);
    },
    path_remove_directory: (fd: number, path: number, length: number) =>
      descriptors.directory(fd).removeDirectory(memory.path(path, length)),
    path_rename: (fd: number, path: number, length: number, newFd: number, newPath: number, newLength: number) =>
      descriptors
        .directory(fd)
        .rename(memory.path(path, length), descriptors.directory(newFd), memory.path(newPath, newLength)),
    path_symlink: (target: number, targetLength: number, fd: number, path: number, length: number) => {
      const words = memory.path(target, targetLength);
      if (words === '') throw new WasiError(Errno.noEntry);
      descriptors.directory(fd).makeLink(words, memory.path(path, length));
    },
    path_unlink_file: (fd: number, path: number, length: number) =>
      descriptors.directory(fd).removeFile(memory.path(path, length)),
  };
}
