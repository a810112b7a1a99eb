/** The head of a request that is read here. */
export interface QuickHead {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** How long the head itself is, with its empty line. */
  readonly byteLength: number;
  readonly bodyLength: number;
}

/** A head as it came, and where the length of the body stands in it. */
interface KnownHead {
  readonly head: QuickHead;
  readonly bytes: Buffer;
  readonly digitsAt: number;
  readonly behindDigits: number;
}

const END = Buffer.from('\r\n\r\n');

/** More are left to Node. */
const MOST_HEADERS = 48;

/** What a path and a query of this gateway may consist of. */
const REQUEST_LINE = /^POST (\/mcp(?:[/?][A-Za-z0-9/?=&%@:+,;._~-]*)?) HTTP\/1\.1$/;

/** Names are tokens without marks; values are printable ASCII that no space follows. */
const HEADER = /^([A-Za-z][A-Za-z0-9-]*): ?([!-~](?:[ -~]*[!-~])?)$/;

/** A length that all readers read alike. */
const DIGITS = /^(?:0|[1-9]\d{0,8})$/;
const MOST_DIGITS = 9;

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
 * Reads the heads of one connection where they are those of POSTs to an endpoint: a strict subset of HTTP/1.1, in which no two readers can differ. The requests of a client mostly have
 * the same head but for the length of the body; what is the same is not read again.
 */
export class HeadReader {
  readonly #maxBytes: number;
  #last: KnownHead | undefined;

  /** @param maxBytes - A longer head is left to Node. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Undefined for whatever is not plainly within the subset, which is Node's to judge. */
  read(bytes: Buffer): QuickHead | undefined {
    const same = this.#last && sameHead(bytes, this.#last);
    if (same && same.byteLength <= this.#maxBytes) return same;
    const end = bytes.indexOf(END) + END.length;
    if (end < END.length || end > this.#maxBytes) return undefined;
    this.#last = readHead(bytes.subarray(0, end));
    return this.#last?.head;
  }
}

function readHead(bytes: Buffer): KnownHead | undefined {
  const lines = bytes.toString('latin1', 0, bytes.length - END.length).split('\r\n');
  const first = lines[0] as string;
  const url = REQUEST_LINE.exec(first)?.[1];
  if (url === undefined || lines.length > MOST_HEADERS + 1) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  let behindDigits = 0;
  let read = first.length;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] as string;
    const [, raw, value] = HEADER.exec(line) ?? [];
    if (raw === undefined || value === undefined) return undefined;
    const name = raw.toLowerCase();
    if (LEFT_TO_NODE.has(name) || Object.hasOwn(headers, name)) return undefined;
    headers[name] = value;
    rawHeaders.push(raw, value);
    read += 2 + line.length;
    if (name === 'content-length') behindDigits = read;
  }
  const { host, connection = 'keep-alive', 'content-length': length = '' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || !DIGITS.test(length)) return undefined;
  const head = {
    url,
    headers: Object.freeze(headers),
    rawHeaders,
    byteLength: bytes.length,
    bodyLength: Number(length),
  };
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return { head, bytes: own, digitsAt: behindDigits - length.length, behindDigits };
}

/** The same head as the known one, but for the length of the body; undefined where it is another. */
function sameHead(bytes: Buffer, { head, bytes: known, digitsAt, behindDigits }: KnownHead): QuickHead | undefined {
  if (stands(known, 0, known.length, bytes, 0)) return head;
  if (!stands(known, 0, digitsAt, bytes, 0)) return undefined;
  let behind = digitsAt;
  while (behind - digitsAt <= MOST_DIGITS && isDigit(bytes[behind])) behind++;
  const length = bytes.toString('latin1', digitsAt, behind);
  if (!DIGITS.test(length) || !stands(known, behindDigits, known.length, bytes, behind)) return undefined;
  const lengthAt = head.rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length') + 1;
  return {
    url: head.url,
    headers: { ...head.headers, 'content-length': length },
    rawHeaders: head.rawHeaders.with(lengthAt, length),
    byteLength: behind + known.length - behindDigits,
    bodyLength: Number(length),
  };
}

/** Whether a part of what is known stands there. */
function stands(known: Buffer, start: number, end: number, bytes: Buffer, at: number): boolean {
  const behind = at + end - start;
  return bytes.length >= behind && bytes.compare(known, start, end, at, behind) === 0;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
