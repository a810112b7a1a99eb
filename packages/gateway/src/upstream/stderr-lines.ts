import type { Logger } from '../logger.ts';

/** Lines that are kept, and how much of each, in characters. */
const LINES = 50;
const LINE_LENGTH = 1_000;

export interface SaidLine {
  /** When it was read, in milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
}

/** What the programs of one server write to stderr: all of it goes to the log at debug, and the last lines are kept for who asks why it is as it is. */
export class StderrLines {
  readonly #server: string;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #lines: SaidLine[] = [];

  /** @param now - Milliseconds since 1970. */
  constructor(server: string, logger: Logger, now: () => number) {
    this.#server = server;
    this.#logger = logger;
    this.#now = now;
  }

  /** The oldest first. */
  get last(): readonly SaidLine[] {
    return [...this.#lines];
  }

  /** Takes whole lines, without secrets. */
  add(text: string): void {
    this.#logger.debug({ server: this.#server, text: text.trimEnd() }, 'server wrote to stderr');
    const time = this.#now();
    for (const line of text.split('\n').slice(-LINES - 1)) {
      const said = line.trimEnd();
      if (said === '') continue;
      // Copied, since a part of a text keeps the whole of it alive.
      this.#lines.push({ time, text: Buffer.from(said.slice(0, LINE_LENGTH)).toString() });
      if (this.#lines.length > LINES) this.#lines.shift();
    }
  }
}
