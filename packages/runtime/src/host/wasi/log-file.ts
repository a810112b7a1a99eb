import { Filetype, type FiletypeValue, type GuestLogLevel, type WasiFile, type WasiStat } from '@lockgate/abi';
import type { GuestLog } from '../guest-log.ts';
import { streamStat } from './stream-stat.ts';

/** Bytes of an unfinished line that are kept; a guest that never ends its line gets it cut here. */
const MAX_PENDING_BYTES = 16_384;
const LINE_FEED = 10;

/** Standard output, or standard error, that goes to the log line by line. */
export class LogFile implements WasiFile {
  readonly type: FiletypeValue = Filetype.characterDevice;
  readonly flags: number = 0;
  readonly #log: GuestLog;
  readonly #level: GuestLogLevel;
  readonly #decoder = new TextDecoder();
  readonly #pending = new Uint8Array(MAX_PENDING_BYTES);
  #length = 0;

  constructor(log: GuestLog, level: GuestLogLevel) {
    this.#log = log;
    this.#level = level;
  }

  stat(): WasiStat {
    return streamStat();
  }

  write(buffers: readonly Uint8Array[]): number {
    return buffers.reduce((sum, data) => sum + this.#take(data), 0);
  }

  /** Passes on what was written without ending the line. */
  flush(): void {
    if (this.#length > 0) this.#emit();
  }

  close(): void {}

  #take(data: Uint8Array): number {
    let start = 0;
    while (start < data.length) {
      const feed = data.indexOf(LINE_FEED, start);
      const end = feed === -1 ? data.length : feed;
      this.#keep(data.subarray(start, end));
      if (feed === -1) break;
      this.#emit();
      start = feed + 1;
    }
    return data.length;
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
