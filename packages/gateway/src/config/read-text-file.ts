import { readFile } from 'node:fs/promises';

/** Reads a text as editors of all systems save it: UTF-8, or UTF-16 that says so; without a byte order mark. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path);
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return new TextDecoder(isUtf16 ? (first === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(bytes);
}
