import { Errno, WasiError } from './errno.ts';
import type { WasiStat, WasiTimes } from './wasi-file.ts';
import type { WasiMemory } from './wasi-memory.ts';
import type { WasiSystem } from './wasi-system.ts';

const FILESTAT_BYTES = 64;

/** Source: wasi_snapshot_preview1, "fstflags". */
const TimeFlag = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

/** Source: wasi_snapshot_preview1, "filestat". @throws WasiError */
export function writeStat(memory: WasiMemory, pointer: number, stat: WasiStat): void {
  const view = memory.view(pointer, FILESTAT_BYTES);
  view.setBigUint64(0, stat.device, true);
  view.setBigUint64(8, stat.inode, true);
  view.setBigUint64(16, BigInt(stat.type), true);
  view.setBigUint64(24, stat.links, true);
  view.setBigUint64(32, stat.size, true);
  view.setBigUint64(40, since1970(stat.accessed), true);
  view.setBigUint64(48, since1970(stat.modified), true);
  view.setBigUint64(56, since1970(stat.changed), true);
}

/** The layout has no time before 1970: such a one is its beginning, as Wasmtime has it. */
function since1970(time: bigint): bigint {
  return time < 0n ? 0n : time;
}

/** @throws WasiError where flags want a time to be two things at once */
export function newTimes(system: WasiSystem, accessed: bigint, modified: bigint, flags: number): WasiTimes {
  const pick = (given: bigint, isSet: boolean, isNow: boolean): bigint | undefined => {
    if (isSet && isNow) throw new WasiError(Errno.invalid);
    if (isNow) return system.now('realtime');
    return isSet ? BigInt.asUintN(64, given) : undefined;
  };
  return {
    accessed: pick(accessed, (flags & TimeFlag.accessed) !== 0, (flags & TimeFlag.accessedNow) !== 0),
    modified: pick(modified, (flags & TimeFlag.modified) !== 0, (flags & TimeFlag.modifiedNow) !== 0),
  };
}
