import type { Writable } from 'node:stream';
import { ceilingReached } from '../ceilings.ts';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { DROP_ABOVE_BYTES, END_ABOVE_BYTES } from './unsent.ts';

/** So many bytes are written at once: above it, copying frames together costs more than a write for each part. */
const WRITE_AT_BYTES = 16_384;

/**
 * Writes frames to a pipe. What is written in one turn of the event loop leaves in one piece: a write takes longer than a call
 * takes here otherwise, and where many are asked in one piece they are mostly answered in one. What a reader does not take is
 * bounded: notifications are dropped first, then the pipe is given up.
 */
export class PipeWriter {
  readonly #pipe: Writable;
  readonly #onStuck: () => void;
  #broken = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  /** @param onStuck - The other side reads nothing any more, or has gone; nothing more is written. */
  constructor(pipe: Writable, onStuck: () => void) {
    this.#pipe = pipe;
    this.#onStuck = onStuck;
    pipe.on('error', () => this.#stuck());
  }

  /** Whether what may be left out is left out now, and counted, because the other side reads too slowly. */
  leavesOut(): boolean {
    const isSlow = this.#pipe.writableLength + this.#waitingBytes > DROP_ABOVE_BYTES;
    if (isSlow) ceilingReached('unsent-notifications');
    return isSlow;
  }

  write(bytes: Bytes): void {
    if (!this.#isOpen) return;
    if (this.#pipe.writableLength > END_ABOVE_BYTES) {
      ceilingReached('unsent-bytes');
      this.#stuck();
      return;
    }
    const byteLength = byteLengthOf(bytes);
    if (byteLength >= WRITE_AT_BYTES) {
      this.flush();
      this.#writeParts(bytes);
      return;
    }
    // Ticks come when all that the turn has set off has been done, and before anything new is read.
    if (this.#waiting.length === 0) process.nextTick(() => this.flush());
    for (const part of bytes) this.#waiting.push(part);
    this.#waitingBytes += byteLength;
    if (this.#waitingBytes >= WRITE_AT_BYTES) this.flush();
  }

  /** Writes now what waits for the end of the turn: before the pipe is ended. */
  flush(): void {
    const [first] = this.#waiting;
    if (!first) return;
    const joined = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#isOpen) this.#pipe.write(joined);
  }

  get #isOpen(): boolean {
    return !this.#broken && !this.#pipe.destroyed && !this.#pipe.writableEnded;
  }

  #writeParts(parts: Bytes): void {
    this.#pipe.cork();
    for (const part of parts) this.#pipe.write(part);
    this.#pipe.uncork();
  }

  #stuck(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#waiting = [];
    this.#onStuck();
  }
}
