import type { Readable, Writable } from 'node:stream';
import { toLine } from '../protocol/frame/one-line.ts';
import { LineReader } from '../transport/line-reader.ts';
import { PipeWriter } from '../transport/pipe-writer.ts';
import { DuplexClient, type DuplexClientOptions } from './duplex-client.ts';

/** How long what was asked before the end of the input may still be answered: less than hosts wait before they end a program, which then cancels nothing more. */
const FINISH_MS = 1_000;

/** How long what was written last may be unread before the output is given up. */
const UNREAD_MS = 1_000;

const CUT = 'The gateway is closing, and has ended this call. Whether it was carried out is unknown.';

/** The one client of a pipe. */
export interface PipeClient {
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
  close(): void;
}

export interface PipeClientOptions extends Omit<DuplexClientOptions, 'wire' | 'eras'> {
  readonly input: Readable;
  readonly output: Writable;
}

/** Serves both eras over a pipe, a line for each frame. */
export function openPipeClient({ input, output, ...options }: PipeClientOptions): PipeClient {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const writer = new PipeWriter(output, () => {
    // What waits to be written would keep the process alive.
    output.destroy();
    client.close();
  });
  const client = new DuplexClient({
    ...options,
    eras: 'both',
    wire: {
      send: (frame, isOptional) => {
        if (!isOptional || !writer.leavesOut()) writer.write(toLine(frame));
      },
      close: () => {
        writer.flush();
        input.off('data', read);
        input.pause();
        giveUpUnread(output);
        resolve();
      },
    },
  });
  const lines = new LineReader({
    onLine: (line) => {
      if (line.length > 0) client.receive(line);
    },
    onTooLong: (maxBytes) => client.tooLong(maxBytes),
  });
  const read = (chunk: Buffer): void => void lines.append(chunk);
  input.on('data', read);
  input.once('end', () => {
    lines.end();
    void client.finish(FINISH_MS);
  });
  input.once('error', () => client.close());
  return { closed, close: () => client.end(CUT) };
}

/** What was written last may still be read, for a while. Whoever closes the output ends the process, which what is unread would keep alive. */
function giveUpUnread(output: Writable): void {
  if (output.writableLength === 0) return;
  const timer = setTimeout(() => output.destroy(), UNREAD_MS);
  output.once('drain', () => clearTimeout(timer));
  output.once('close', () => clearTimeout(timer));
}
