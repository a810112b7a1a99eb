import type { Writable } from 'node:stream';
import { ceilingReached } from '../ceilings.ts';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { HeldBytes } from './held-bytes.ts';
import { DROP_ABOVE_BYTES, END_ABOVE_BYTES, GIVE_BYTES, UNREAD_MS } from './unsent.ts';

/** So many bytes are written at once: above it, copying frames together costs more than a write for each part. */
const WRITE_AT_BYTES = 16_384;

/** What a writer tells the one who made it. */
export interface PipeWriterEvents {
  /** The other side has taken nothing for a while of more than it may leave, or has gone; nothing more is written. */
  readonly onStuck: (why: 'unread' | 'gone') => void;
  /** More waits than may, or no more does: what makes more of it is best held back meanwhile. */
  readonly onFull?: (isFull: boolean) => void;
}

/**
 * Writes frames to a pipe. What is written in one turn of the event loop leaves in one piece: a write takes longer than a call
 * takes here otherwise, and where many are asked in one piece they are mostly answered in one. What a reader does not take is
 * bounded: notifications are dropped first, then the pipe is given up where nothing is taken of it. A reader that is slow loses nothing.
 */
export class PipeWriter {
  readonly #pipe: Writable;
  readonly #events: PipeWriterEvents;
  #broken = false;
  /** Small frames of this turn. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** What the pipe has not been given yet. */
  readonly #held = new HeldBytes();
  #isGiving = false;
  #mostBytes = END_ABOVE_BYTES;
  /** Runs while too much waits, from the last time that something was taken. */
  #patience: NodeJS.Timeout | undefined;

  constructor(pipe: Writable, events: PipeWriterEvents) {
    this.#pipe = pipe;
    this.#events = events;
    pipe.on('error', () => this.#stuck('gone'));
  }

  /** How much has not been taken yet. */
  get unsentBytes(): number {
    return this.#pipe.writableLength + this.#waitingBytes + this.#held.byteLength;
  }

  /** Whether more waits than may. */
  get isFull(): boolean {
    return this.#patience !== undefined;
  }

  /** Whether what may be left out is left out now, and counted, because the other side reads too slowly. */
  leavesOut(): boolean {
    const isSlow = this.unsentBytes > DROP_ABOVE_BYTES;
    if (isSlow) ceilingReached('unsent-notifications');
    return isSlow;
  }

  write(bytes: Bytes): void {
    if (!this.#isOpen) return;
    const byteLength = byteLengthOf(bytes);
    if (byteLength >= WRITE_AT_BYTES) {
      this.#gather();
      this.#give(bytes, byteLength);
      return;
    }
    // Ticks come when all that the turn has set off has been done, and before anything new is read.
    if (this.#waiting.length === 0) process.nextTick(() => this.#gather());
    for (const part of bytes) this.#waiting.push(part);
    this.#waitingBytes += byteLength;
    if (this.#waitingBytes >= WRITE_AT_BYTES) this.#gather();
  }

  /** Gives the pipe all that waits: before it is ended. */
  flush(): void {
    this.#gather();
    const held = this.#held.take(this.#held.byteLength);
    this.#calm();
    if (this.#isOpen && held.length > 0) this.#writeParts(held);
  }

  /** Nothing more is written. What waits may still be read, for as long as something is taken of it within so many milliseconds. */
  finish(unreadMs: number): void {
    this.#gather();
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (!this.#isOpen || this.unsentBytes === 0) return;
    this.#mostBytes = 0;
    this.#patience = setTimeout(() => this.#stuck('gone'), unreadMs);
    const look = (): void => {
      if (this.#held.byteLength === 0) this.#calm();
    };
    this.#pipe.on('drain', look);
    this.#pipe.once('close', () => this.#calm());
  }

  get #isOpen(): boolean {
    return !this.#broken && !this.#pipe.destroyed && !this.#pipe.writableEnded;
  }

  #gather(): void {
    const [first] = this.#waiting;
    if (!first) return;
    const byteLength = this.#waitingBytes;
    const joined = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting, byteLength);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#isOpen) this.#give([joined], byteLength);
  }

  #give(parts: Bytes, byteLength: number): void {
    if (!this.#isGiving && this.#pipe.writableLength + byteLength <= GIVE_BYTES) {
      this.#writeParts(parts);
      return;
    }
    this.#held.append(parts);
    if (!this.#isGiving) this.#giveNext();
    if (this.#patience !== undefined || this.unsentBytes <= this.#mostBytes) return;
    this.#patience = setTimeout(() => {
      if (!this.#isOpen) return;
      ceilingReached('unsent-bytes');
      this.#stuck('unread');
    }, UNREAD_MS);
    this.#events.onFull?.(true);
  }

  /** Gives as much of what is held as goes at once, and more when it has been taken. */
  #giveNext(): void {
    const parts = this.#held.take(GIVE_BYTES);
    this.#isGiving = parts.length > 0;
    if (this.#isGiving) this.#writeParts(parts, () => this.#taken());
  }

  #taken(): void {
    if (!this.#isOpen) return;
    this.#patience?.refresh();
    this.#giveNext();
    if (this.unsentBytes <= this.#mostBytes) this.#calm();
  }

  /** No more waits than may. */
  #calm(): void {
    if (this.#patience === undefined) return;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#events.onFull?.(false);
  }

  #writeParts(parts: Bytes, onTaken?: () => void): void {
    const last = parts.length - 1;
    if (last > 0) this.#pipe.cork();
    parts.forEach((part, at) => {
      this.#pipe.write(part, at === last && onTaken ? onTaken : undefined);
    });
    if (last > 0) this.#pipe.uncork();
  }

  #stuck(why: 'unread' | 'gone'): void {
    if (this.#broken) return;
    this.#broken = true;
    clearTimeout(this.#patience);
    this.#waiting = [];
    this.#held.clear();
    this.#events.onStuck(why);
  }
}
