import { Errno, WasiError } from './errno.ts';
import type { WasiCalls } from './wasi-calls.ts';
import type { WasiMemory } from './wasi-memory.ts';
import type { WasiClock, WasiSystem } from './wasi-system.ts';

const CLOCKS: readonly WasiClock[] = ['realtime', 'monotonic'];
/** Nanoseconds. */
const RESOLUTIONS: Readonly<Record<WasiClock, bigint>> = { realtime: 1_000_000n, monotonic: 1_000n };

/** The clock of a number. @throws WasiError for the clocks of processors, which would tell of others' work */
export function clockOf(number: number): WasiClock {
  const clock = CLOCKS[number >>> 0];
  if (clock === undefined) throw new WasiError(Errno.invalid);
  return clock;
}

/** Arguments, environment, clocks, chance, and the end. */
export function processCalls(system: WasiSystem, memory: WasiMemory): WasiCalls {
  const environment = Object.entries(system.env).map(([name, value]) => `${name}=${value}`);
  return {
    args_get: (list: number, pointer: number) => memory.writeTexts(system.args, list, pointer),
    args_sizes_get: (count: number, size: number) => memory.writeSizes(system.args, count, size),
    environ_get: (list: number, pointer: number) => memory.writeTexts(environment, list, pointer),
    environ_sizes_get: (count: number, size: number) => memory.writeSizes(environment, count, size),
    clock_res_get: (clock: number, pointer: number) => memory.setUint64(pointer, RESOLUTIONS[clockOf(clock)]),
    clock_time_get: (clock: number, _precision: bigint, pointer: number) =>
      memory.setUint64(pointer, system.now(clockOf(clock))),
    random_get: (pointer: number, byteLength: number) => system.random(memory.bytes(pointer, byteLength)),
    proc_exit: (code: number) => system.exit(code >>> 0),
    proc_raise: () => Errno.notImplemented,
    sched_yield: () => Errno.success,
    // No address is anybody's before the host has judged it, and these would bring sockets that nobody has.
    sock_accept: () => Errno.notSupported,
    sock_recv: () => Errno.notSupported,
    sock_send: () => Errno.notSupported,
    sock_shutdown: () => Errno.notSupported,
  };
}
