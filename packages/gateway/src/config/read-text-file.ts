import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** No configuration is as large; a device that never ends would fill the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a text as editors of all systems save it: UTF-8, or UTF-16 that says so; without a byte order mark.
 *
 * @throws the file system's error; RangeError above 16 MiB.
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
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return new TextDecoder(isUtf16 ? (first === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(bytes);
}

/**
 * Whether a file can be read at any time: a pipe may have nobody who writes to it, and would be waited for without end. What is not there
 * counts as readable, since reading says best what is wrong.
 */
export async function isReadableAtAnyTime(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return !found || found.isFile();
}
