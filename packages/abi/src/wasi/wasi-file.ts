/** What a file is. Source: wasi_snapshot_preview1, "filetype". */
export const Filetype = { unknown: 0, characterDevice: 2, directory: 3, regularFile: 4, symbolicLink: 7 } as const;

/** One of {@link Filetype}. */
export type FiletypeValue = (typeof Filetype)[keyof typeof Filetype];

/** Flags of an open file. Source: wasi_snapshot_preview1, "fdflags". */
export const FdFlag = { append: 1, dsync: 2, nonBlocking: 4, rsync: 8, sync: 16 } as const;

/** What a guest is told of a file; times in nanoseconds since 1970. */
export interface WasiStat {
  readonly device: bigint;
  readonly inode: bigint;
  readonly type: FiletypeValue;
  readonly links: bigint;
  readonly size: bigint;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

/** New times of a file, in nanoseconds since 1970; what is absent stays. */
export interface WasiTimes {
  readonly accessed?: bigint | undefined;
  readonly modified?: bigint | undefined;
}

/** One name in a directory. */
export interface WasiEntry {
  readonly name: string;
  readonly inode: bigint;
  readonly type: FiletypeValue;
}

/** How a path is opened. */
export interface WasiOpen {
  readonly followLinks: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  /** Nothing but a directory will do. */
  readonly directory: boolean;
  readonly read: boolean;
  readonly write: boolean;
  /** Of {@link FdFlag}. */
  readonly flags: number;
}

/**
 * What a descriptor stands for. What a file has no method for is refused: `read` and `write` as if it was not open for that. Each method
 * throws `WasiError`. Buffers lie in the guest's memory and are not to be kept.
 */
export interface WasiFile {
  readonly type: FiletypeValue;
  /** Of {@link FdFlag}. */
  readonly flags: number;
  setFlags?(flags: number): void;
  stat(): WasiStat;
  /** Bytes read into the buffers in their order; 0 at the end. At the given place, or where the file is. */
  read?(buffers: readonly Uint8Array[], offset?: bigint): number;
  /** Bytes written of the buffers in their order. At the given place, or where the file is. */
  write?(buffers: readonly Uint8Array[], offset?: bigint): number;
  /** Whether `read` would answer at once. Only of what may have to wait. */
  isReadable?(): boolean;
  /** Moves to a place and answers it. */
  seek?(offset: bigint, from: 'start' | 'here' | 'end'): bigint;
  resize?(byteLength: bigint): void;
  setTimes?(times: WasiTimes): void;
  sync?(): void;
  readonly directory?: WasiDirectory;
  close(): void;
}

/**
 * A directory and what lies in it: no path leads out of it. Paths are the guest's own words: `link/` and `link/.` are what the link leads to,
 * whether or not links are to be followed, where something is looked at; nothing is removed, renamed or linked to so.
 */
export interface WasiDirectory {
  /** How the guest calls it, of one that it has from the start. */
  readonly grantedAs?: string | undefined;
  /** Whether anything in it may be changed. */
  readonly isWritable: boolean;
  open(path: string, how: WasiOpen): WasiFile;
  stat(path: string, followLinks: boolean): WasiStat;
  setTimes(path: string, followLinks: boolean, times: WasiTimes): void;
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  removeFile(path: string): void;
  rename(path: string, into: WasiDirectory, newPath: string): void;
  link(path: string, followLinks: boolean, into: WasiDirectory, newPath: string): void;
  makeLink(target: string, path: string): void;
  readLink(path: string): string;
  /** Its names at this moment, without `.` and `..`. */
  entries(): readonly WasiEntry[];
}
