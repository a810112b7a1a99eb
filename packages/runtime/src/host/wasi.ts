import { Fd, WASI, wasi as wasiDefinitions } from '@bjorn3/browser_wasi_shim';
import type { GuestLogLevel } from '@lockgate/abi';
import { GuestExit } from '../fault.ts';
import type { GuestLog } from './guest-log.ts';

/** Bytes of an unfinished line that are kept; a guest that never ends its line gets it cut here. */
const MAX_PENDING_BYTES = 16_384;
const LINE_FEED = 10;
const CLOCK_EVENT_BYTES = 32;
const SUBSCRIPTION_BYTES = 48;
const NANOSECONDS_PER_MS = 1_000_000;
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** WASI preview 1 for one instance. */
export interface WasiHost {
  readonly imports: WebAssembly.ModuleImports;
  /** Tells it where the guest's memory is; before the guest's first instruction that uses WASI, if there is one. */
  attach(instance: WebAssembly.Instance): void;
  /** Passes on what the guest wrote without ending the line. */
  flush(): void;
  /** Whether each descriptor still is what it was at first: a guest may close one, or put one in the place of another. */
  readonly isAsAtFirst: boolean;
}

/**
 * The monotonic clock is that of the process: the package's own counts from the start of the thread, and would go back when a
 * guest is parked and goes on in a younger one.
 *
 * No files, no environment, no arguments, an empty standard input; standard output and error go to the log line by
 * line. Source: ABI.md §1; why not Node's own: docs/rationale/runtime.md.
 */
export function createWasi(log: GuestLog): WasiHost {
  const output = new GuestLines(log, 'info');
  const errors = new GuestLines(log, 'warn');
  const first: readonly Fd[] = [new EmptyInput(), output, errors];
  const shim = new WASI([], [], [...first], { debug: false });
  const packageClock = shim.wasiImport.clock_time_get as (clock: number, precision: bigint, pointer: number) => number;
  return {
    imports: {
      ...(shim.wasiImport as WebAssembly.ModuleImports),
      proc_exit: (exitCode: number) => {
        throw new GuestExit(exitCode);
      },
      sched_yield: () => 0,
      clock_time_get: (clock: number, precision: bigint, pointer: number) => {
        if (clock !== wasiDefinitions.CLOCKID_MONOTONIC) return packageClock(clock, precision, pointer);
        new DataView(memoryOf(shim).buffer).setBigUint64(pointer >>> 0, process.hrtime.bigint(), true);
        return wasiDefinitions.ERRNO_SUCCESS;
      },
      poll_oneoff: (inPointer: number, outPointer: number, count: number, eventsPointer: number) =>
        sleep(memoryOf(shim), [inPointer >>> 0, outPointer >>> 0, count >>> 0, eventsPointer >>> 0]),
    },
    attach: (instance) => {
      shim.inst = instance as never;
    },
    flush: () => {
      output.flush();
      errors.flush();
    },
    get isAsAtFirst() {
      return shim.fds.length === first.length && first.every((fd, index) => shim.fds[index] === fd);
    },
  };
}

function memoryOf({ inst }: WASI): WebAssembly.Memory {
  return (inst as { exports: { memory: WebAssembly.Memory } }).exports.memory;
}

class EmptyInput extends Fd {
  override fd_read(): { ret: number; data: Uint8Array } {
    return { ret: wasiDefinitions.ERRNO_SUCCESS, data: new Uint8Array(0) };
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasiDefinitions.Fdstat } {
    return { ret: 0, fdstat: new wasiDefinitions.Fdstat(wasiDefinitions.FILETYPE_CHARACTER_DEVICE, 0) };
  }
}

class GuestLines extends Fd {
  readonly #log: GuestLog;
  readonly #level: GuestLogLevel;
  readonly #decoder = new TextDecoder();
  readonly #pending = new Uint8Array(MAX_PENDING_BYTES);
  #length = 0;

  constructor(log: GuestLog, level: GuestLogLevel) {
    super();
    this.#log = log;
    this.#level = level;
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasiDefinitions.Fdstat } {
    const fdstat = new wasiDefinitions.Fdstat(wasiDefinitions.FILETYPE_CHARACTER_DEVICE, 0);
    fdstat.fs_rights_base = BigInt(wasiDefinitions.RIGHTS_FD_WRITE);
    return { ret: 0, fdstat };
  }

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    let start = 0;
    while (start < data.length) {
      const feed = data.indexOf(LINE_FEED, start);
      const end = feed === -1 ? data.length : feed;
      this.#keep(data.subarray(start, end));
      if (feed === -1) break;
      this.#emit();
      start = feed + 1;
    }
    return { ret: wasiDefinitions.ERRNO_SUCCESS, nwritten: data.length };
  }

  flush(): void {
    if (this.#length > 0) this.#emit();
  }

  #keep(bytes: Uint8Array): void {
    const room = this.#pending.length - this.#length;
    this.#pending.set(bytes.subarray(0, room), this.#length);
    this.#length += Math.min(bytes.length, room);
  }

  #emit(): void {
    const line = this.#decoder.decode(this.#pending.subarray(0, this.#length));
    this.#length = 0;
    this.#log.write(this.#level, line);
  }
}

/**
 * `poll_oneoff` for clocks, which is how guests sleep: blocks the thread until the first of them is due. The package's
 * own spins, and knows one subscription only.
 */
function sleep(memory: WebAssembly.Memory, [inPointer, outPointer, count, eventsPointer]: readonly number[]): number {
  const view = new DataView(memory.buffer);
  const due: { userData: bigint; waitMs: number }[] = [];
  for (let index = 0; index < (count as number); index++) {
    const at = (inPointer as number) + index * SUBSCRIPTION_BYTES;
    if (view.getUint8(at + 8) !== wasiDefinitions.EVENTTYPE_CLOCK) return wasiDefinitions.ERRNO_NOTSUP;
    const isAbsolute = (view.getUint16(at + 40, true) & wasiDefinitions.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    const timeoutMs = Number(view.getBigUint64(at + 24, true)) / NANOSECONDS_PER_MS;
    const isMonotonic = view.getUint32(at + 16, true) === wasiDefinitions.CLOCKID_MONOTONIC;
    const nowMs = isMonotonic ? Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS : Date.now();
    due.push({ userData: view.getBigUint64(at, true), waitMs: isAbsolute ? timeoutMs - nowMs : timeoutMs });
  }
  const first = due.reduce<(typeof due)[number] | undefined>(
    (best, next) => (best && best.waitMs <= next.waitMs ? best : next),
    undefined,
  );
  if (first === undefined) return wasiDefinitions.ERRNO_INVAL;
  const waitMs = Math.min(Math.max(first.waitMs, 0), LONGEST_SLEEP_MS);
  if (waitMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  const event = outPointer as number;
  for (let offset = 0; offset < CLOCK_EVENT_BYTES; offset += 8) view.setBigUint64(event + offset, 0n, true);
  view.setBigUint64(event, first.userData, true);
  view.setUint32(eventsPointer as number, 1, true);
  return wasiDefinitions.ERRNO_SUCCESS;
}
