/** The head of a request that is read here, and where it and its body end. */
export interface QuickHead {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** The head itself, to its empty line. */
  readonly bytes: Buffer;
  readonly bodyLength: number;
}

const END = Buffer.from('\r\n\r\n');

/** More are left to Node. */
const MOST_HEADERS = 48;

/** What a path and a query of this gateway may consist of. */
const REQUEST_LINE = /^POST (\/mcp(?:[/?][A-Za-z0-9/?=&%@:+,;._~-]*)?) HTTP\/1\.1$/;

/** Names are tokens without marks; values are printable ASCII that no space follows. */
const HEADER = /^([A-Za-z][A-Za-z0-9-]*): ?([!-~](?:[ -~]*[!-~])?)$/;

const DIGITS = /^(?:0|[1-9]\d{0,8})$/;

/** Headers that change where a request ends or what becomes of its connection, or of which Node makes something else than their text. */
const LEFT_TO_NODE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
  'keep-alive',
  'set-cookie',
]);

/**
 * Reads the head of a POST to an endpoint: a strict subset of HTTP/1.1, in which no two readers can differ. Undefined for whatever is not plainly within it, which is Node's to judge.
 *
 * @param maxBytes - A longer head is left to Node.
 * @param last - The head that the connection had last: one of the same bytes is the same head.
 */
export function readHead(bytes: Buffer, maxBytes: number, last: QuickHead | undefined): QuickHead | undefined {
  if (last && startsWith(bytes, last.bytes)) return last;
  const end = bytes.indexOf(END);
  if (end === -1 || end + END.length > maxBytes) return undefined;
  const lines = bytes.toString('latin1', 0, end).split('\r\n');
  const url = REQUEST_LINE.exec(lines[0] as string)?.[1];
  if (url === undefined || lines.length > MOST_HEADERS + 1) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (let at = 1; at < lines.length; at++) {
    const [, raw, value] = HEADER.exec(lines[at] as string) ?? [];
    if (raw === undefined || value === undefined) return undefined;
    const name = raw.toLowerCase();
    if (LEFT_TO_NODE.has(name) || Object.hasOwn(headers, name)) return undefined;
    headers[name] = value;
    rawHeaders.push(raw, value);
  }
  const { host, connection = 'keep-alive', 'content-length': length = '' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || !DIGITS.test(length)) return undefined;
  const own = Buffer.allocUnsafeSlow(end + END.length);
  bytes.copy(own);
  return {
    url,
    headers: Object.freeze(headers),
    rawHeaders: Object.freeze(rawHeaders),
    bytes: own,
    bodyLength: Number(length),
  };
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}
