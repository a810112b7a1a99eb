import type { BigIntStats, Dirent } from 'node:fs';
import { Filetype, type FiletypeValue, type WasiStat } from '@lockgate/abi';

/** What guests are told of a file of the system. */
export function toWasiStat(stat: BigIntStats): WasiStat {
  return {
    device: stat.dev,
    inode: stat.ino,
    type: toFiletype(stat),
    links: stat.nlink,
    size: stat.size,
    accessed: stat.atimeNs,
    modified: stat.mtimeNs,
    changed: stat.ctimeNs,
  };
}

export function toFiletype(file: BigIntStats | Dirent): FiletypeValue {
  if (file.isDirectory()) return Filetype.directory;
  if (file.isFile()) return Filetype.regularFile;
  if (file.isSymbolicLink()) return Filetype.symbolicLink;
  return file.isCharacterDevice() ? Filetype.characterDevice : Filetype.unknown;
}
