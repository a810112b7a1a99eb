import type { HostInterface } from './host-function.ts';
import { Pollable } from './pollable.ts';

const NANOSECONDS_PER_MS = 1_000_000n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const RESOLUTION = { seconds: 0n, nanoseconds: 1_000_000 };

/** `wasi:clocks/monotonic-clock`: the clock of the process, in nanoseconds. */
export const monotonicClock: HostInterface = {
  now: () => process.hrtime.bigint(),
  resolution: () => 1n,
  'subscribe-instant': at,
  'subscribe-duration': (duration: bigint) => at(process.hrtime.bigint() + duration),
};

/** `wasi:clocks/wall-clock` */
export const wallClock: HostInterface = {
  now: () => {
    const ms = BigInt(Date.now());
    const nanoseconds = ms * NANOSECONDS_PER_MS;
    return {
      seconds: nanoseconds / NANOSECONDS_PER_SECOND,
      nanoseconds: Number(nanoseconds % NANOSECONDS_PER_SECOND),
    };
  },
  resolution: () => RESOLUTION,
};

function at(instant: bigint): Pollable {
  return new Pollable(() => {
    const left = instant - process.hrtime.bigint();
    return left <= 0n ? 0 : Number(left) / Number(NANOSECONDS_PER_MS);
  });
}
