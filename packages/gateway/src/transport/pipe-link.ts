import { toLine } from '../protocol/frame/one-line.ts';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { ChildProcess, Program } from './child-process.ts';
import { LineReader } from './line-reader.ts';
import { PipeWriter } from './pipe-writer.ts';
import type { Programs } from './programs.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';
import { MAX_STRAY_LINES, StrayLines } from './stray-lines.ts';

const NOTHING = (): void => {};

/** After a chunk of more lines than this, others have their turn. */
const LINES_AT_ONCE = 100;

const FLOODS = `it writes to stdout what is no message, more than ${MAX_STRAY_LINES} lines or 1 MiB of it in a second; is it an MCP server over stdio? Those log to stderr`;

export interface PipeLinkOptions {
  readonly programs: Programs;
  readonly program: Program;
  readonly onStderr: (text: string) => void;
  /** Takes out of a program's last words what nobody may read. */
  readonly redact: (text: string) => string;
}

/** A program that is an MCP server on its stdin and stdout, a line for each frame. */
export class PipeLink implements ServerLink {
  readonly ownStreams = false;
  readonly #options: PipeLinkOptions;
  #child: ChildProcess | undefined;
  #writer: PipeWriter | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: PipeLinkOptions) {
    this.#options = options;
  }

  async start(events: LinkEvents): Promise<void> {
    const { programs, program, onStderr, redact } = this.#options;
    const strays = new StrayLines();
    let count = 0;
    let isOver = false;
    let hasSpoken = false;
    const end = (reason: string): void => {
      isOver = true;
      const told = hasSpoken
        ? reason
        : reason.replace(/^it exited with code 0(?=;|$)/, '$& without a word of MCP (is it an MCP server over stdio?)');
      events.ended(redact(told));
      void this.close();
    };
    const lines = new LineReader({
      onLine: (line) => {
        count++;
        if (isOver) return;
        hasSpoken ||= line[0] === 0x7b;
        if (line.length > 0 && events.frame(line)) strays.clear();
        else if (strays.add(line.length + 1)) end(FLOODS);
      },
      onTooLong: (maxBytes) => end(`it wrote a line of more than ${maxBytes} bytes`),
    });
    const child = await programs.start(program, {
      onStdout: (chunk) => {
        count = 0;
        lines.append(chunk);
        if (isOver) return 'never';
        return count > LINES_AT_ONCE ? 'later' : undefined;
      },
      onStderr: (text) => {
        events.sign();
        onStderr(text);
      },
      // A whole frame is an answer, though its line has no end.
      onEnd: (reason) => {
        lines.end();
        end(reason);
      },
    });
    this.#child = child;
    this.#writer = new PipeWriter(child.stdin, () => child.giveUp('it reads its stdin no more'));
    if (this.#closed !== undefined) await child.close();
  }

  send(frame: Bytes, ticket?: Ticket): () => void {
    if (!this.#writer || this.#closed !== undefined) ticket?.failed(new Error('the program has ended'), false);
    else this.#writer.write(toLine(frame));
    return NOTHING;
  }

  close(): Promise<void> {
    this.#writer?.flush();
    this.#closed ??= this.#child?.close() ?? Promise.resolve();
    return this.#closed;
  }
}
