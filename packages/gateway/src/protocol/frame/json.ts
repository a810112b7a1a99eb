import { parseJsonText } from '@lockgate/abi/without-guests';

/** Parses one JSON value that lies in bytes which have been validated before. */
export function parseSpan(bytes: Buffer, start: number, end: number): unknown {
  const text = bytes.toString('utf8', start, end);
  // Most of what is asked for are names and versions: strings without escapes.
  return text[0] === '"' && !text.includes('\\') ? text.slice(1, -1) : parseJsonText(text);
}

/** The same where numbers are read in another way. */
export function parseNumbersBy(readNumber: (text: string) => unknown, bytes: Buffer): unknown {
  return parseJsonText(bytes.toString('utf8'), readNumber);
}
