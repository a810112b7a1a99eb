/** Parses one JSON value that lies in bytes which have been validated before. */
export function parseSpan(bytes: Buffer, start: number, end: number): unknown {
  return JSON.parse(bytes.toString('utf8', start, end));
}
