import type { GuestLogLevel, GuestLogWriter } from '@lockgate/abi';
import { LastWords } from './last-words.ts';

/** Longest line that is passed on, in characters; the rest of a longer one is cut. */
const MAX_LINE_LENGTH = 16_384;

export type LogSink = (level: GuestLogLevel, line: string) => void;

/** Passes a guest's log lines on, so many for each call, counts the others, and remembers what was said last. */
export class GuestLog implements GuestLogWriter {
  readonly #sink: LogSink;
  readonly #maxLines: number;
  readonly #lastWords: LastWords = new LastWords();
  #lines = 0;

  constructor(sink: LogSink, maxLines: number) {
    this.#sink = sink;
    this.#maxLines = maxLines;
  }

  /** Whether the next line would be dropped; who asks first saves reading it out of the guest. */
  get isFull(): boolean {
    return this.#lines >= this.#maxLines;
  }

  /** What the guest wrote last in this call; undefined where it wrote nothing. */
  get lastWords(): string | undefined {
    return this.#lastWords.text;
  }

  write(level: GuestLogLevel, line: string): void {
    this.#lastWords.hear(line);
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
    if (this.#lines > 0) this.#lastWords.forget();
    this.#lines = 0;
    if (dropped > 0) this.#sink('warn', `${dropped} more log lines of this call were dropped`);
  }
}
