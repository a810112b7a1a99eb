import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, futimesSync, readvSync, writevSync } from 'node:fs';
import { Errno, FdFlag, Filetype, WasiError, type WasiFile, type WasiStat, type WasiTimes } from '@lockgate/abi';
import { systemCall } from './system-errno.ts';
import { toWasiStat } from './system-stat.ts';

const NANOSECONDS_PER_SECOND = 1e9;
const MAX_OFFSET = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Seconds, as Node takes times of files: a double, so that of today's times a part of some hundred nanoseconds is lost. As texts, since of a number below 0
 * Node makes the present.
 */
export function toSeconds({ accessed, modified }: WasiTimes, stat: WasiStat): [string, string] {
  const seconds = (time: bigint): string => String(Number(time) / NANOSECONDS_PER_SECOND);
  return [seconds(accessed ?? stat.accessed), seconds(modified ?? stat.modified)];
}

export interface NodeFileOptions {
  readonly fd: number;
  readonly read: boolean;
  readonly write: boolean;
  /** Whether its times may be set, for which it need not be open to be written. */
  readonly touch: boolean;
  /** Of `FdFlag`. */
  readonly flags: number;
}

/** A place in a file as Node takes it, which takes any number that is not safe for the place where the file stands. @throws WasiError of those */
function place(offset: bigint): number {
  if (offset > MAX_OFFSET) throw new WasiError(Errno.fileTooBig);
  return Number(offset);
}

/** A regular file of the system. Where it is, is kept here: Node does not seek. */
export function nodeFile({ fd, read, write, touch, flags }: NodeFileOptions): WasiFile {
  let position = 0n;
  let now = flags;
  const stat = (): WasiStat => systemCall(() => toWasiStat(fstatSync(fd, { bigint: true })));
  const readMethod: WasiFile['read'] = (buffers, offset) => {
    if (buffers.length === 0) return 0;
    const bytes = systemCall(() => readvSync(fd, buffers, place(offset ?? position)));
    if (offset === undefined) position += BigInt(bytes);
    return bytes;
  };
  const writeMethod: WasiFile['write'] = (buffers, offset) => {
    if (buffers.length === 0) return 0;
    const appends = (now & FdFlag.append) !== 0;
    const from = appends ? stat().size : (offset ?? position);
    const bytes = systemCall(() => writevSync(fd, buffers, place(from)));
    if (offset === undefined) position = from + BigInt(bytes);
    return bytes;
  };
  return {
    type: Filetype.regularFile,
    get flags() {
      return now;
    },
    setFlags: (next) => {
      now = next;
    },
    stat,
    ...(read ? { read: readMethod } : {}),
    ...(write ? { write: writeMethod } : {}),
    ...(write ? { resize: (byteLength: bigint) => systemCall(() => ftruncateSync(fd, place(byteLength))) } : {}),
    ...(touch
      ? { setTimes: (times: WasiTimes) => systemCall(() => futimesSync(fd, ...toSeconds(times, stat()))) }
      : {}),
    seek: (offset, from) => {
      const base = from === 'start' ? 0n : from === 'here' ? position : stat().size;
      const next = base + offset;
      if (next < 0n || next > MAX_OFFSET) throw new WasiError(Errno.invalid);
      position = next;
      return next;
    },
    sync: () => systemCall(() => fdatasyncSync(fd)),
    close: () => systemCall(() => closeSync(fd)),
  };
}
