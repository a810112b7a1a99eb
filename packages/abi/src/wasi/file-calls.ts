import type { Descriptors } from './descriptors.ts';
import { Errno, type ErrnoValue, WasiError } from './errno.ts';
import { newTimes, writeStat } from './stat-layout.ts';
import type { WasiCalls } from './wasi-calls.ts';
import { FdFlag, Filetype, type WasiFile } from './wasi-file.ts';
import type { WasiMemory } from './wasi-memory.ts';
import type { WasiSystem } from './wasi-system.ts';

const FDSTAT_BYTES = 24;
const PRESTAT_BYTES = 8;
const WHENCE = ['start', 'here', 'end'] as const;

/** All rights: what a file really may is what its methods say. Source: wasi_snapshot_preview1, "rights". */
const RIGHTS = {
  common: rights(0, 3, 4, 8, 21, 27),
  read: rights(1, 2, 5),
  write: rights(6, 22, 23),
  directory: rights(9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 24, 25, 26),
};

function rights(...bits: readonly number[]): bigint {
  return bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
}

/** What is done with open files. */
export function fileCalls(system: WasiSystem, memory: WasiMemory, descriptors: Descriptors): WasiCalls {
  const fileOf = (number: number): WasiFile => descriptors.get(number).file;
  const transfer = (way: 'read' | 'write') => (fd: number, vector: number, count: number, pointer: number) => {
    const file = fileOf(fd);
    const move = need(file[way], Errno.badDescriptor);
    memory.view(pointer, 4);
    memory.setUint32(pointer, move.call(file, memory.buffers(vector, count)));
  };
  const transferAt =
    (way: 'read' | 'write') => (fd: number, vector: number, count: number, offset: bigint, pointer: number) => {
      const file = fileOf(fd);
      const move = need(file[way], Errno.badDescriptor);
      need(file.seek, Errno.illegalSeek);
      memory.view(pointer, 4);
      memory.setUint32(pointer, move.call(file, memory.buffers(vector, count), BigInt.asUintN(64, offset)));
    };
  return {
    fd_advise: (fd: number) => void fileOf(fd),
    fd_allocate: (fd: number, offset: bigint, byteLength: bigint) => {
      const file = fileOf(fd);
      const end = BigInt.asUintN(64, offset) + BigInt.asUintN(64, byteLength);
      const resize = need(file.resize, Errno.badDescriptor);
      if (end > file.stat().size) resize.call(file, end);
    },
    fd_close: (fd: number) => descriptors.close(fd),
    fd_datasync: (fd: number) => sync(fileOf(fd)),
    fd_sync: (fd: number) => sync(fileOf(fd)),
    fd_fdstat_get: (fd: number, pointer: number) => {
      const file = fileOf(fd);
      const view = memory.view(pointer, FDSTAT_BYTES);
      view.setBigUint64(0, 0n, true);
      view.setUint8(0, file.type);
      view.setUint16(2, file.flags, true);
      view.setBigUint64(8, rightsOf(file), true);
      view.setBigUint64(16, file.directory ? RIGHTS.common | RIGHTS.read | RIGHTS.write | RIGHTS.directory : 0n, true);
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const file = fileOf(fd);
      if ((flags & ~(FdFlag.append | FdFlag.nonBlocking)) !== 0) throw new WasiError(Errno.invalid);
      need(file.setFlags, Errno.notSupported).call(file, flags);
    },
    fd_fdstat_set_rights: (fd: number) => {
      fileOf(fd);
      return Errno.notSupported;
    },
    fd_filestat_get: (fd: number, pointer: number) => writeStat(memory, pointer, fileOf(fd).stat()),
    fd_filestat_set_size: (fd: number, byteLength: bigint) => {
      const file = fileOf(fd);
      need(file.resize, Errno.badDescriptor).call(file, BigInt.asUintN(64, byteLength));
    },
    fd_filestat_set_times: (fd: number, accessed: bigint, modified: bigint, flags: number) => {
      const file = fileOf(fd);
      const times = newTimes(system, accessed, modified, flags);
      need(file.setTimes, Errno.badDescriptor).call(file, times);
    },
    fd_prestat_get: (fd: number, pointer: number) => {
      const name = grantedName(fileOf(fd));
      const view = memory.view(pointer, PRESTAT_BYTES);
      view.setUint32(0, 0, true);
      view.setUint32(4, name.byteLength, true);
    },
    fd_prestat_dir_name: (fd: number, pointer: number, byteLength: number) => {
      const name = grantedName(fileOf(fd));
      if (byteLength >>> 0 < name.byteLength) throw new WasiError(Errno.nameTooLong);
      memory.bytes(pointer, name.byteLength).set(name);
    },
    fd_read: transfer('read'),
    fd_pread: transferAt('read'),
    fd_write: transfer('write'),
    fd_pwrite: transferAt('write'),
    fd_renumber: (from: number, to: number) => descriptors.renumber(from, to),
    fd_seek: (fd: number, offset: bigint, whence: number, pointer: number) => {
      const from = WHENCE[whence];
      if (from === undefined) throw new WasiError(Errno.invalid);
      memory.setUint64(pointer, seek(fileOf(fd), offset, from));
    },
    fd_tell: (fd: number, pointer: number) => memory.setUint64(pointer, seek(fileOf(fd), 0n, 'here')),
  };
}

function need<T>(method: T | undefined, errno: ErrnoValue): T {
  if (method === undefined) throw new WasiError(errno);
  return method;
}

function sync(file: WasiFile): void {
  need(file.sync, Errno.invalid).call(file);
}

function seek(file: WasiFile, offset: bigint, from: (typeof WHENCE)[number]): bigint {
  return need(file.seek, Errno.illegalSeek).call(file, offset, from);
}

function grantedName({ directory }: WasiFile): Uint8Array {
  if (directory?.grantedAs === undefined) throw new WasiError(Errno.badDescriptor);
  return new TextEncoder().encode(directory.grantedAs);
}

/** What can be told of a file: programs look whether a terminal may seek, and whether a file was opened for writing. */
function rightsOf(file: WasiFile): bigint {
  if (file.type === Filetype.directory) return RIGHTS.common | RIGHTS.directory;
  const seeks = file.seek ? RIGHTS.common : rights(3, 8, 21, 27);
  const reads = file.read ? (file.seek ? RIGHTS.read : rights(1)) : 0n;
  const writes = file.write ? (file.seek ? RIGHTS.write : rights(6)) : 0n;
  return seeks | reads | writes;
}
