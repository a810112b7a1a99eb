import { Filetype, type WasiStat } from '@lockgate/abi';

const NANOSECONDS = 1_000_000_000n;

/** A time that a guest gives. */
export type NewTimestamp =
  | { readonly tag: 'no-change' | 'now' }
  | { readonly tag: 'timestamp'; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } };

/** The name that WASI 0.2 has for it. */
export function typeOf(type: WasiStat['type']): string {
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

/** A `descriptor-stat`. A time before 1970 is none. */
export function statOf(stat: WasiStat): object {
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

/** In nanoseconds; undefined where it stays. */
export function timeOf(time: NewTimestamp): bigint | undefined {
  if (time.tag === 'timestamp') return time.val.seconds * NANOSECONDS + BigInt(time.val.nanoseconds);
  return time.tag === 'now' ? BigInt(Date.now()) * 1_000_000n : undefined;
}

/** Whether two names are of one file. */
export function isSame(one: WasiStat, other: WasiStat): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/** A `metadata-hash-value`. */
export function hashOf({ inode, device }: WasiStat): { readonly lower: bigint; readonly upper: bigint } {
  return { lower: inode, upper: device };
}
