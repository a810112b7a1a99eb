import { isOfConnection } from '../../config/header-text.ts';

/** What a name of a header may consist of, and what no value may have: it could end the line. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const UNUSABLE = /[^\t\x20-\x7e\x80-\xff]/;

/** Most headers are the same in every request; so many are known again. */
const MOST_KNOWN = 128;

const known = new Map<string, string>();

/**
 * The head of a request, to its empty line, in Latin-1.
 *
 * @param start - The request line and `Host`.
 * @param bodyLength - Undefined for a request without a body.
 * @throws TypeError for a header that cannot be sent.
 */
export function requestHead(
  start: string,
  headers: Readonly<Record<string, string>>,
  bodyLength: number | undefined,
): string {
  let head = start;
  for (const name in headers) {
    const value = headers[name] as string;
    if (known.get(name) !== value) check(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return bodyLength === undefined ? `${head}\r\n` : `${head}content-length: ${bodyLength}\r\n\r\n`;
}

function check(name: string, value: string): void {
  if (!NAME.test(name)) throw new TypeError('the name of a header has characters that no name may have');
  if (isOfConnection(name)) throw new TypeError(`the header "${name}" cannot be set`);
  if (UNUSABLE.test(value)) throw new TypeError(`the header "${name}" has characters that no header may have`);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, value);
}
