import { Errno, FdFlag, Filetype, WasiError, type WasiFile } from '@lockgate/abi';
import { streamStat } from '../host/wasi/stream-stat.ts';
import type { ByteRing } from './byte-ring.ts';
import type { Waiting } from './waiting.ts';

export interface InputFileOptions {
  readonly ring: ByteRing;
  readonly waiting: Waiting;
  /** Of `FdFlag`, as the guest finds it. */
  readonly flags: number;
  /** Whether a guest that does not want to be blocked asks later on whether there is something. */
  readonly isPolled: () => boolean;
  /** Tells the other side that there is room. */
  readonly onRoom: () => void;
}

/** Standard input: a read blocks the guest's thread until there is something, unless the guest wants to be told that there is nothing, and asks again. */
export function inputFile({ ring, waiting, flags, isPolled, onRoom }: InputFileOptions): WasiFile {
  let now = flags;
  return {
    type: Filetype.characterDevice,
    get flags() {
      return now;
    },
    setFlags: (next) => {
      now = next;
    },
    stat: streamStat,
    isReadable: () => ring.readable > 0 || ring.isEnded,
    read: (buffers) => {
      if (buffers.length === 0) return 0;
      for (;;) {
        let bytes = 0;
        for (const buffer of buffers) {
          const read = ring.read(buffer);
          bytes += read;
          if (read < buffer.length) break;
        }
        if (bytes > 0) {
          onRoom();
          return bytes;
        }
        // In this order: what was written before the end is there by then.
        if (ring.isEnded && ring.readable === 0) return 0;
        if ((now & FdFlag.nonBlocking) !== 0 && isPolled()) throw new WasiError(Errno.again);
        waiting(() => ring.waitToRead());
      }
    },
    close: () => ring.refuse(),
  };
}
