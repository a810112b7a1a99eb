import type { IncomingHttpHeaders } from 'node:http';

/** The head of an answer that is read here, and where its body ends. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The head itself, to its empty line. */
  readonly bytes: Buffer;
  /** Undefined where the body comes in chunks. */
  readonly bodyLength: number | undefined;
  /** How long the connection may be used again, in milliseconds; 0 where it may not. */
  readonly keptMs: number;
}

const END = Buffer.from('\r\n\r\n');

/** More, or longer ones, are left to Node. */
const MOST_HEADERS = 48;
const MOST_BYTES = 16_384;

/** What only announces an answer, and what has no body whatever its headers say, is left to Node. */
const STATUS_LINE = /^HTTP\/1\.1 (20[0-35-9]|2[1-9]\d|30[0-35-9]|3[1-9]\d|[45]\d\d)(?: [\t -~\x80-\xff]*)?$/;

/** Names are tokens without marks; values are printable ASCII that no space follows. */
const HEADER = /^([A-Za-z][A-Za-z0-9_-]*): ?([!-~](?:[ -~]*[!-~])?)$/;

const DIGITS = /^(?:0|[1-9]\d{0,14})$/;

/** How long a connection is kept of whose server it is not known, and how much sooner than the server says. */
const KEPT_MS = 4_000;
const SOONER_MS = 1_000;
const LONGEST_KEPT_MS = 600_000;

/**
 * Reads the head of an answer: a strict subset of HTTP/1.1, in which no two readers can differ. Undefined for whatever is not plainly within it, or has not come whole, which is Node's to judge.
 *
 * @param last - The head that the connection had last: one of the same bytes is the same head.
 */
export function readAnswerHead(bytes: Buffer, last: AnswerHead | undefined): AnswerHead | undefined {
  if (last && startsWith(bytes, last.bytes)) return last;
  const end = bytes.indexOf(END);
  if (end === -1 || end > MOST_BYTES) return undefined;
  const lines = bytes.toString('latin1', 0, end).split('\r\n');
  const status = STATUS_LINE.exec(lines[0] as string)?.[1];
  if (status === undefined || lines.length > MOST_HEADERS + 1) return undefined;
  const headers: IncomingHttpHeaders = {};
  for (let at = 1; at < lines.length; at++) {
    const [, raw, value] = HEADER.exec(lines[at] as string) ?? [];
    if (raw === undefined || value === undefined) return undefined;
    const name = raw.toLowerCase();
    if (Object.hasOwn(headers, name)) return undefined;
    headers[name] = name === 'set-cookie' ? [value] : value;
  }
  const { connection = 'keep-alive', 'content-length': length, 'transfer-encoding': encoding } = headers;
  const isKept = connection.toLowerCase() === 'keep-alive';
  if (!isKept && connection.toLowerCase() !== 'close') return undefined;
  if (headers.upgrade !== undefined || headers.trailer !== undefined) return undefined;
  const isChunked = encoding?.toLowerCase() === 'chunked' && length === undefined;
  if (!isChunked && (encoding !== undefined || length === undefined || !DIGITS.test(length))) return undefined;
  const own = Buffer.allocUnsafeSlow(end + END.length);
  bytes.copy(own);
  return {
    status: Number(status),
    headers: Object.freeze(headers),
    bytes: own,
    bodyLength: isChunked ? undefined : Number(length),
    keptMs: isKept ? keptMs(headers['keep-alive']) : 0,
  };
}

/** Shorter than the server says: what is sent to one that closes at the same moment is lost. */
function keptMs(keepAlive: string | string[] | undefined): number {
  const seconds = /(?:^|[,; ])timeout=(\d{1,9})(?:$|[,; ])/i.exec(String(keepAlive ?? ''))?.[1];
  if (seconds === undefined) return KEPT_MS;
  return Math.min(LONGEST_KEPT_MS, Math.max(0, Number(seconds) * 1_000 - SOONER_MS));
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}
