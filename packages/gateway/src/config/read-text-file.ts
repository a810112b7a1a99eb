import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodeText, encodingOf } from './text-encoding.ts';

/** No configuration is as large; a device that never ends would fill the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What stands for bytes that are no text. */
const UNREADABLE = '\uFFFD';

/**
 * Reads a text as editors of all systems save it: UTF-8, or UTF-16 that says so; without a byte order mark.
 *
 * @throws the file system's error; RangeError above 16 MiB; TypeError where it is neither.
 */
export async function readTextFile(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of createReadStream(path)) {
    byteLength += chunk.length;
    if (byteLength > MAX_BYTES) throw new RangeError('it is larger than 16 MiB');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, byteLength);
  const text = decodeText(bytes);
  if (encodingOf(bytes) === 'utf-8' && !isUtf8(bytes))
    throw new TypeError(
      `it is no UTF-8 in line ${text.slice(0, text.indexOf(UNREADABLE)).split('\n').length}; save it as UTF-8`,
    );
  return text;
}

/**
 * Whether a file can be read at any time: a pipe may have nobody who writes to it, and would be waited for without end. What is not there
 * counts as readable, since reading says best what is wrong.
 */
export async function isReadableAtAnyTime(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return !found || found.isFile();
}

/** Where a shell puts a pipe whose other end it has already given to a program: `<(command)`. */
const GIVEN_PIPES = /^\/(dev\/(stdin$|fd\/)|proc\/(self|\d+)\/fd\/)/;

/**
 * Whether reading would wait for somebody who may never come: a named pipe, a terminal, a socket. A folder and what is not there are told by
 * reading itself.
 */
export async function waitsForOthers(path: string): Promise<boolean> {
  if (GIVEN_PIPES.test(resolve(path))) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}
