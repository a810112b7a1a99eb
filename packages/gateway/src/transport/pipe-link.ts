import { toLine } from '../protocol/frame/one-line.ts';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { ChildProcess, Program } from './child-process.ts';
import { LineReader } from './line-reader.ts';
import { PipeWriter } from './pipe-writer.ts';
import type { Programs } from './programs.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';

const NOTHING = (): void => {};

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
    let hasSpoken = false;
    const end = (reason: string): void => {
      const told = hasSpoken
        ? reason
        : reason.replace(/^it exited with code 0(?=;|$)/, '$& without a word of MCP (is it an MCP server over stdio?)');
      events.ended(redact(told));
      void this.close();
    };
    const lines = new LineReader({
      onLine: (line) => {
        if (line.length === 0) return;
        hasSpoken ||= line[0] === 0x7b;
        events.frame(line);
      },
      onTooLong: (maxBytes) => end(`it wrote a line of more than ${maxBytes} bytes`),
    });
    const child = await programs.start(program, {
      onStdout: (chunk) => lines.append(chunk),
      onStderr: (text) => {
        events.sign();
        onStderr(text);
      },
      onEnd: end,
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
