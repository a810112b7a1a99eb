import type { Descriptors } from './descriptors.ts';
import { Errno, WasiError } from './errno.ts';
import { clockOf } from './process-calls.ts';
import type { WasiCalls } from './wasi-calls.ts';
import type { WasiFile } from './wasi-file.ts';
import type { WasiMemory } from './wasi-memory.ts';
import type { WasiClock, WasiSystem } from './wasi-system.ts';

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const MAX_SUBSCRIPTIONS = 1_024;
const EventType = { clock: 0, read: 1, write: 2 } as const;
const ABSOLUTE = 1;
const NANOSECONDS_PER_MS = 1_000_000;
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** What a guest waits for. */
interface Subscription {
  readonly userData: bigint;
  readonly type: number;
  /** When it is over. */
  readonly due?: { readonly clock: WasiClock; readonly at: bigint };
  readonly file?: WasiFile;
  /** Why it can never be, told at once. */
  readonly errno: number;
}

/** `poll_oneoff`: how guests sleep, and wait for their input. */
export function pollCalls(system: WasiSystem, memory: WasiMemory, descriptors: Descriptors): WasiCalls {
  const read = (view: DataView): Subscription => {
    const userData = view.getBigUint64(0, true);
    const type = view.getUint8(8);
    try {
      if (type === EventType.clock) {
        const clock = clockOf(view.getUint32(16, true));
        const timeout = view.getBigUint64(24, true);
        const isAbsolute = (view.getUint16(40, true) & ABSOLUTE) !== 0;
        return { userData, type, due: { clock, at: isAbsolute ? timeout : system.now(clock) + timeout }, errno: 0 };
      }
      if (type !== EventType.read && type !== EventType.write) throw new WasiError(Errno.invalid);
      return { userData, type, file: descriptors.get(view.getUint32(16, true)).file, errno: 0 };
    } catch (error) {
      if (!(error instanceof WasiError)) throw error;
      return { userData, type, errno: error.errno };
    }
  };

  /** Milliseconds until it is over, rounded up; not above 0 where it is. */
  const restMs = ({ clock, at }: NonNullable<Subscription['due']>): number =>
    Math.ceil(Number(at - system.now(clock)) / NANOSECONDS_PER_MS);

  const isOver = ({ due, file, type, errno }: Subscription): boolean => {
    if (errno !== 0) return true;
    if (due) return restMs(due) <= 0;
    return type === EventType.write || file?.isReadable === undefined || file.isReadable();
  };

  return {
    poll_oneoff: (from: number, to: number, count: number, pointer: number) => {
      const many = count >>> 0;
      if (many === 0 || many > MAX_SUBSCRIPTIONS) throw new WasiError(Errno.invalid);
      memory.bytes(from, many * SUBSCRIPTION_BYTES);
      memory.bytes(to, many * EVENT_BYTES);
      memory.view(pointer, 4);
      const all = Array.from({ length: many }, (_, index) =>
        read(memory.view((from >>> 0) + index * SUBSCRIPTION_BYTES, SUBSCRIPTION_BYTES)),
      );
      const files = all.flatMap(({ file, type }) => (file && type === EventType.read ? [file] : []));
      let over = all.filter(isOver);
      while (over.length === 0) {
        const rests = all.flatMap(({ due }) => (due ? [restMs(due)] : []));
        const timeoutMs = rests.length === 0 ? undefined : Math.min(LONGEST_WAIT_MS, ...rests);
        system.wait(timeoutMs, files);
        over = all.filter(isOver);
      }
      for (const [index, { userData, type, errno }] of over.entries()) {
        const event = memory.view((to >>> 0) + index * EVENT_BYTES, EVENT_BYTES);
        for (let offset = 0; offset < EVENT_BYTES; offset += 8) event.setBigUint64(offset, 0n, true);
        event.setBigUint64(0, userData, true);
        event.setUint16(8, errno, true);
        event.setUint8(10, type);
        // How many bytes wait is not told by whoever has them: one is enough to come and read.
        if (type !== EventType.clock && errno === 0) event.setBigUint64(16, 1n, true);
      }
      memory.setUint32(pointer, over.length);
    },
  };
}
