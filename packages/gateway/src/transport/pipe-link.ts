import type { Redact } from '../config/secrets.ts';
import { parseJson } from '../json.ts';
import { toLine } from '../protocol/frame/one-line.ts';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { ChildEvents, ChildProcess, Program } from './child-process.ts';
import type { ProgramExit } from './last-words.ts';
import { isBlank, LineReader, MAX_LINE_BYTES, SEND_LESS } from './line-reader.ts';
import { tellLongFrame } from './long-frame.ts';
import { PipeWriter } from './pipe-writer.ts';
import type { GuestProgram, Programs } from './programs.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';
import { MAX_STRAY_LINES, StrayLines } from './stray-lines.ts';

const OPEN = 0x7b;
const OPEN_LIST = 0x5b;
/** A batch, as servers of revision 2025-03-26 may send it; lines of logs begin with such a bracket as well. */
const BATCH_BEGINS = /^\[\s*\{/;
const BATCH_BEGINNING_BYTES = 16;
const NOTHING = (): void => {};

/** After so many lines others have their turn: each may be told to hundreds of clients. */
const LINES_AT_ONCE = 16;

const FLOODS = `it writes to stdout what is no message, more than ${MAX_STRAY_LINES} lines or 1 MiB of it in a second`;

/** What to do where a program that was started is no MCP server, or does not know that it should be one. */
export const START_AS_SERVER = 'check that "args" start it as an MCP server over stdio, which logs to stderr';

const FULL =
  'more than 256 MiB wait on its stdin, which it reads too slowly; call it again later, or send less at once';

/** How much of a line that is no message is told. */
const STRAY_LENGTH = 120;

export interface PipeLinkOptions {
  readonly programs: Programs;
  readonly program: Program | GuestProgram;
  readonly onStderr: (text: string) => void;
  /** Told the beginning of the first line on stdout that is no message, without secrets. */
  readonly onStrayLine: (text: string) => void;
  /** Told how the program has exited, unless it was ended from here. */
  readonly onExit?: ((exit: ProgramExit) => void) | undefined;
  /** Takes out of a program's last words what nobody may read. */
  readonly redact: Redact;
}

/** A program that is an MCP server on its stdin and stdout, a line for each frame. */
export class PipeLink implements ServerLink {
  readonly ownStreams = false;
  readonly #options: PipeLinkOptions;
  /** Fires when it is closed: a guest that is still starting ends then. */
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;
  #writer: PipeWriter | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: PipeLinkOptions) {
    this.#options = options;
  }

  async start(events: LinkEvents): Promise<void> {
    const { programs, program, onStderr, onStrayLine, onExit, redact } = this.#options;
    const strays = new StrayLines();
    let isOver = false;
    let hasSpoken = false;
    let hasStrayed = false;
    let isLast = false;
    // A program that was ended for what it wrote still tells how it exits: the first reason is the one that counts.
    const end = (reason: string, remedy?: string): void => {
      if (isOver) return;
      isOver = true;
      const isMute = !hasSpoken && /^it exited with code 0(?=;|$)/.test(reason);
      const told = isMute ? reason.replace('code 0', '$& without a word of MCP') : reason;
      events.ended(redact(told), remedy ?? (isMute ? START_AS_SERVER : undefined));
      void this.close();
    };
    const stray = (line: Buffer): void => {
      const text = redact(line.toString('utf8', 0, STRAY_LENGTH), line.length > STRAY_LENGTH).trim();
      if (hasStrayed || text === '') return;
      hasStrayed = true;
      onStrayLine(text);
    };
    const tooLong = (maxBytes: number): void =>
      end(`it wrote a line of more than ${maxBytes} bytes to stdout, the most of a message`, SEND_LESS);
    const lines = new LineReader({
      onLine: (line) => {
        // How it has ended says more than the half of an answer.
        const begins = beginsAsFrame(line);
        if (isOver || (isLast && begins && parseJson(line.toString()) === undefined)) return;
        hasSpoken ||= begins;
        if (!isBlank(line) && events.frame(line)) strays.clear();
        else {
          // What begins as a frame may be a damaged answer, which is not for telling.
          if (!hasStrayed && !begins) stray(line);
          if (strays.add(line.length + 1)) end(FLOODS, START_AS_SERVER);
        }
      },
      onTooLong: tooLong,
      onLongLine: (begin, last) => {
        if (!isOver && !tellLongFrame(events, begin, last)) tooLong(MAX_LINE_BYTES);
      },
    });
    const childEvents: ChildEvents = {
      onStdout: (chunk) => {
        const rest = lines.append(chunk, LINES_AT_ONCE);
        return isOver ? 'never' : rest;
      },
      onStderr: (text) => {
        events.sign();
        onStderr(text);
      },
      // A whole frame is an answer, though its line has no end.
      onEnd: (reason, remedy) => {
        isLast = true;
        lines.end();
        end(reason, remedy);
      },
      onExit: (exit) => {
        if (this.#closed === undefined) onExit?.(exit);
      },
    };
    const child = await programs.start(program, childEvents, this.#closing.signal);
    this.#child = child;
    this.#writer = new PipeWriter(child.stdin, { onStuck: () => child.giveUp('it reads its stdin no more') });
    if (this.#closed !== undefined) await child.close();
  }

  send(frame: Bytes, ticket?: Ticket): () => void {
    if (!this.#writer || this.#closed !== undefined) ticket?.failed(new Error('the program has ended'), false);
    else if (ticket && this.#writer.isFull) ticket.failed(new Error(FULL), false);
    else this.#writer.write(toLine(frame));
    return NOTHING;
  }

  close(): Promise<void> {
    this.#writer?.flush();
    this.#closing.abort();
    this.#closed ??= this.#child?.close() ?? Promise.resolve();
    return this.#closed;
  }
}

function beginsAsFrame(line: Buffer): boolean {
  return (
    line[0] === OPEN || (line[0] === OPEN_LIST && BATCH_BEGINS.test(line.toString('latin1', 0, BATCH_BEGINNING_BYTES)))
  );
}
