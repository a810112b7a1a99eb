import { Errno, Filetype, WasiError, type WasiFile } from '@lockgate/abi';
import { streamStat } from '../host/wasi/stream-stat.ts';
import type { ByteRing } from './byte-ring.ts';
import type { Waiting } from './waiting.ts';

export interface OutputFileOptions {
  readonly ring: ByteRing;
  readonly waiting: Waiting;
  /** Tells the other side that there is something to read, or that nothing comes any more: the guest has closed it. */
  readonly onChange: () => void;
  /** Whether the guest has ended: what is closed because of that is told once it is known how, and not before. */
  readonly isOver: () => boolean;
}

/** Standard output or error: a write blocks the guest's thread as long as nobody takes what it wrote before. */
export function outputFile({ ring, waiting, onChange, isOver }: OutputFileOptions): WasiFile {
  const writeAll = (data: Uint8Array): void => {
    let written = 0;
    while (written < data.length) {
      if (ring.isRefused) throw new WasiError(Errno.brokenPipe);
      const count = ring.write(written === 0 ? data : data.subarray(written));
      written += count;
      if (count > 0) onChange();
      else waiting(() => ring.waitToWrite());
    }
  };
  return {
    type: Filetype.characterDevice,
    flags: 0,
    stat: streamStat,
    write: (buffers) => {
      for (const buffer of buffers) writeAll(buffer);
      return buffers.reduce((sum, { length }) => sum + length, 0);
    },
    close: () => {
      if (isOver()) return;
      ring.end();
      onChange();
    },
  };
}
