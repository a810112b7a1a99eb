import type { GuestLogLevel, GuestLogWriter } from '@lockgate/abi';

/** Longest line that is passed on, in characters; the rest of a longer one is cut. */
const MAX_LINE_LENGTH = 16_384;

export type LogSink = (level: GuestLogLevel, line: string) => void;

/** Passes a guest's log lines on, so many for each call, and counts the others. */
export class GuestLog implements GuestLogWriter {
  readonly #sink: LogSink;
  readonly #maxLines: number;
  #lines = 0;

  constructor(sink: LogSink, maxLines: number) {
    this.#sink = sink;
    this.#maxLines = maxLines;
  }

  /** Whether the next line would be dropped; who asks first saves reading it out of the guest. */
  get isFull(): boolean {
    return this.#lines >= this.#maxLines;
  }

  write(level: GuestLogLevel, line: string): void {
    this.#lines += 1;
    if (this.#lines > this.#maxLines) return;
    this.#sink(level, line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line);
  }

  drop(): void {
    this.#lines += 1;
  }

  /** Ends the call's budget and says, in one line, how much was dropped. */
  endCall(): void {
    const dropped = this.#lines - this.#maxLines;
    this.#lines = 0;
    if (dropped > 0) this.#sink('warn', `${dropped} more log lines of this call were dropped`);
  }
}
