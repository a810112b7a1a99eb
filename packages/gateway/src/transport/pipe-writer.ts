import type { Writable } from 'node:stream';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { joinSmall } from './join-parts.ts';
import { DROP_ABOVE_BYTES, END_ABOVE_BYTES } from './unsent.ts';

/** Writes frames to a pipe. What a reader does not take is bounded: notifications are dropped first, then the pipe is given up. */
export class PipeWriter {
  readonly #pipe: Writable;
  readonly #onStuck: () => void;
  #broken = false;

  /** @param onStuck - The other side reads nothing any more, or has gone; nothing more is written. */
  constructor(pipe: Writable, onStuck: () => void) {
    this.#pipe = pipe;
    this.#onStuck = onStuck;
    pipe.on('error', () => this.#stuck());
  }

  /** Whether what may be left out should be. */
  get isSlow(): boolean {
    return this.#pipe.writableLength > DROP_ABOVE_BYTES;
  }

  write(bytes: Bytes): void {
    const pipe = this.#pipe;
    if (this.#broken || pipe.destroyed || pipe.writableEnded) return;
    if (pipe.writableLength > END_ABOVE_BYTES) {
      this.#stuck();
      return;
    }
    const parts = joinSmall(bytes, byteLengthOf(bytes));
    if (parts.length > 1) pipe.cork();
    for (const part of parts) pipe.write(part);
    if (parts.length > 1) pipe.uncork();
  }

  #stuck(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#onStuck();
  }
}
