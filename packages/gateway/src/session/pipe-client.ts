import type { Readable, Writable } from 'node:stream';
import { ClientUnreadError } from '../errors.ts';
import { toLine } from '../protocol/frame/one-line.ts';
import { isBlank, LineReader } from '../transport/line-reader.ts';
import { PipeWriter } from '../transport/pipe-writer.ts';
import { DuplexClient, type DuplexClientOptions } from './duplex-client.ts';

/** How long what was asked before the end of the input may still be answered: less than hosts wait before they end a program, which then cancels nothing more. */
const FINISH_MS = 1_000;

/** How long nothing may be read of what was written last before the output is given up. Whoever closes the output ends the process, which what is unread would keep alive. */
const LAST_UNREAD_MS = 1_000;

const CUT = 'The gateway is closing, and has ended this call. Whether it was carried out is unknown.';

/** The one client of a pipe. */
export interface PipeClient {
  /** Resolves when the client has gone; rejects with GATEWAY_CLIENT_UNREAD where it was given up since it read nothing. */
  readonly closed: Promise<void>;
  close(): void;
}

export interface PipeClientOptions extends Omit<DuplexClientOptions, 'wire' | 'eras'> {
  readonly input: Readable;
  readonly output: Writable;
}

/** Serves both eras over a pipe, a line for each frame. */
export function openPipeClient({ input, output, ...options }: PipeClientOptions): PipeClient {
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  let isClosed = false;
  const writer = new PipeWriter(output, {
    onStuck: (why) => {
      if (why === 'unread') reject(new ClientUnreadError());
      // What waits to be written would keep the process alive.
      output.destroy();
      client.close();
    },
    // Whoever does not read what was asked asks nothing more.
    onFull: (isFull) => {
      if (isFull) input.pause();
      else if (!isClosed) input.resume();
    },
  });
  const client = new DuplexClient({
    ...options,
    eras: 'both',
    wire: {
      send: (frame, isOptional) => {
        if (!isOptional || !writer.leavesOut()) writer.write(toLine(frame));
      },
      close: () => {
        isClosed = true;
        input.off('data', read);
        input.pause();
        writer.finish(LAST_UNREAD_MS);
        resolve();
      },
    },
  });
  const lines = new LineReader({
    onLine: (line) => {
      if (!isBlank(line)) client.receive(line);
    },
    onTooLong: () => client.tooLong(),
    onLongLine: (begin, end) => client.tooLong(begin, end),
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
