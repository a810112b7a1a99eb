import { randomFillSync } from 'node:crypto';
import type { WasiClock, WasiFile, WasiSystem } from '@lockgate/abi';
import { GuestExit } from '../../fault.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

export interface NodeSystemOptions {
  /** @default none */
  readonly args?: readonly string[];
  /** @default none */
  readonly env?: Readonly<Record<string, string>>;
  readonly files: readonly WasiFile[];
  /** Waits as `WasiSystem.wait` says. @default the thread sleeps, whatever is waited for: it is never to come */
  readonly wait?: WasiSystem['wait'];
}

/** What every guest has of this process: its clocks and its chance. An exit is thrown as a `GuestExit`. */
export function nodeSystem({ args = [], env = {}, files, wait = sleep }: NodeSystemOptions): WasiSystem {
  return {
    args,
    env,
    files,
    now,
    random: (bytes) => void randomFillSync(bytes),
    wait,
    exit: (code) => {
      throw new GuestExit(code);
    },
  };
}

/**
 * The monotonic clock is that of the process: one that counted from the start of the thread would go back when a guest is
 * parked and goes on in a younger one.
 */
function now(clock: WasiClock): bigint {
  return clock === 'monotonic' ? process.hrtime.bigint() : BigInt(Date.now()) * NANOSECONDS_PER_MS;
}

function sleep(timeoutMs: number | undefined, _files: readonly WasiFile[]): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
}
