/** Where lines end up. */
export interface LineSink {
  /** Makes ready what `append` would otherwise do first, so that a fault shows before the first line. */
  open(): Promise<void>;
  /** Appends whole lines; never called again before it has settled. */
  append(lines: string): Promise<void>;
  /** Lets go of where lines went and goes on with what is under the same name now. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export interface LineWriterOptions {
  readonly sink: LineSink;
  /** Told once, of the first fault. */
  readonly onFailure: (error: Error) => void;
}

/** Lines wait at most this long, in milliseconds, for others to be written with. */
export const FLUSH_AFTER_MS = 50;
/** So many characters are written at once. */
export const FLUSH_AT: number = 64 * 1_024;
/** So many characters may wait for a slow sink; lines beyond them are lost. */
export const MAX_PENDING: number = 16 * 1_024 * 1_024;

/**
 * Collects lines and writes them together, in order. Taking a line never throws, never waits and keeps no process
 * alive: lines that the sink refuses, or for which there is no room, are counted and gone.
 */
export class LineWriter {
  readonly #sink: LineSink;
  readonly #onFailure: (error: Error) => void;
  #pending = '';
  #pendingLines = 0;
  /** Characters and lines that the sink is writing. */
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #reopens = false;
  #lost = 0;
  #failed = false;

  constructor({ sink, onFailure }: LineWriterOptions) {
    this.#sink = sink;
    this.#onFailure = onFailure;
    void sink.open().catch((error: Error) => this.#fail(error));
  }

  /** Lines that were not written since the start, at most: a few of a batch that failed may have been. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line, which ends with a line break. */
  write(line: string): void {
    if (this.#closing !== undefined) this.#lost++;
    else if (this.#inFlight + this.#pending.length + line.length > MAX_PENDING) {
      this.#lost++;
      this.#fail(new Error(`writing is too slow: more than ${MAX_PENDING} characters wait, and lines are lost`));
    } else {
      this.#pending += line;
      this.#pendingLines++;
      this.#schedule();
    }
  }

  /** Lines that are taken from now on go to what is then under the sink's name. */
  reopen(): void {
    if (this.#closing !== undefined) return;
    this.#reopens = true;
    if (this.#writing === undefined) void this.#flush();
  }

  /** Resolves when all that was taken has been written or lost. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writing;
    await this.#flush();
    await this.#sink.close().catch((error: Error) => this.#fail(error));
  }

  #schedule(): void {
    if (this.#writing !== undefined || (this.#pendingLines === 0 && !this.#reopens)) return;
    if (this.#pending.length >= FLUSH_AT || this.#reopens) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_AFTER_MS).unref();
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#append().then(() => {
      this.#writing = undefined;
      if (this.#closing === undefined) this.#schedule();
    });
    return this.#writing;
  }

  async #append(): Promise<void> {
    if (this.#reopens) {
      this.#reopens = false;
      await this.#sink.reopen().catch((error: Error) => this.#fail(error));
    }
    const lines = this.#pending;
    const count = this.#pendingLines;
    if (count === 0) return;
    this.#inFlight = lines.length;
    this.#pending = '';
    this.#pendingLines = 0;
    try {
      await this.#sink.append(lines);
    } catch (error) {
      this.#lost += count;
      this.#fail(error as Error);
    }
    this.#inFlight = 0;
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(error);
  }
}
