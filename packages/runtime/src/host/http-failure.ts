import { type HttpFailureKind, LockgateError } from '@lockgate/abi';

/** A request that came to nothing, with what its guest is told of it. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;

  constructor(kind: HttpFailureKind, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.kind = kind;
  }
}

/** How far a request had come when it failed. */
export type Stage = 'sent' | 'answered';

/** Causes within causes are looked at so deep. */
const DEEPEST = 6;

/** Codes of Node and undici. What is reset is told by how far the request had come. */
const KINDS: ReadonlyMap<string, HttpFailureKind> = new Map<string, HttpFailureKind>([
  ['ENOTFOUND', 'unknown-name'],
  ['ENODATA', 'unknown-name'],
  ['EAI_FAIL', 'unknown-name'],
  ['EAI_AGAIN', 'name-timeout'],
  ['ETIMEOUT', 'name-timeout'],
  ['ECONNREFUSED', 'connection-refused'],
  ['ETIMEDOUT', 'connection-timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connection-timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['UND_ERR_HEADERS_TIMEOUT', 'response-timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'response-timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'protocol'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'response-incomplete'],
  ['Z_BUF_ERROR', 'response-incomplete'],
  ['Z_DATA_ERROR', 'response-encoding'],
  ['EPROTO', 'tls'],
  ['HOSTNAME_MISMATCH', 'certificate'],
]);

/** Families of codes: OpenSSL has one for each way in which a certificate can be wrong. */
const FAMILIES: readonly (readonly [codes: RegExp, kind: HttpFailureKind])[] = [
  [/CERT|^UNABLE_TO_VERIFY/, 'certificate'],
  [/^ERR_(SSL|TLS)_/, 'tls'],
  [/^HPE_|^ERR_HTTP2_/, 'protocol'],
  [/^ERR_(BROTLI|_ERROR_FORMAT|ZSTD)|^ZSTD_error/, 'response-encoding'],
];

const RESET: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);

/** What is said of each kind; of others the error's own words. */
const SAID: Partial<Record<HttpFailureKind, string>> = {
  'unknown-name': 'has no address',
  'name-timeout': 'could not be resolved in time',
  'connection-refused': 'refused the connection',
  'connection-timeout': 'took no connection in time',
  unreachable: 'cannot be reached from here',
  'connection-ended': 'ended the connection before it answered',
  'response-incomplete': 'ended the connection within its answer',
  'response-timeout': 'did not answer in time',
  'response-encoding': 'sent a compressed answer that cannot be unpacked',
};
const SAID_WITH_CAUSE: Partial<Record<HttpFailureKind, string>> = {
  tls: 'and the gateway did not agree on TLS',
  certificate: 'has a certificate that is not trusted',
  protocol: 'sent what is no HTTP',
};

/** What a failure of the network or of undici is for a guest, told by the codes along its causes. */
export function httpFailureOf(error: unknown, host: string, stage: Stage): HttpFailure {
  const causes = causesOf(error);
  for (const cause of causes) if (cause instanceof HttpFailure) return cause;
  for (const cause of causes) {
    const kind = kindOf(cause, stage);
    if (kind === undefined) continue;
    const said = SAID[kind] ?? `${SAID_WITH_CAUSE[kind]}: ${cause.message}`;
    return new HttpFailure(kind, `"${host}" ${said}`, { cause: error });
  }
  if (LockgateError.isInstance(error)) return new HttpFailure('bad-request', (error as unknown as Error).message);
  return new HttpFailure('other', wordsOf(error), { cause: error });
}

/** An error and what is behind it: its causes, and of several the first. */
function causesOf(error: unknown): readonly Error[] {
  const found: Error[] = [];
  let next = error;
  while (next instanceof Error && found.length < DEEPEST) {
    found.push(next);
    next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined);
  }
  return found;
}

function kindOf(error: Error, stage: Stage): HttpFailureKind | undefined {
  const { code, name } = error as NodeJS.ErrnoException;
  // Not all that undici says of its parser has a code.
  if (name === 'HTTPParserError') return 'protocol';
  if (typeof code !== 'string') return undefined;
  if (RESET.has(code)) return stage === 'sent' ? 'connection-ended' : 'response-incomplete';
  return KINDS.get(code) ?? FAMILIES.find(([codes]) => codes.test(code))?.[1];
}

/** The failure in one line; undici says "fetch failed" and keeps the reason in the cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? `${error.message}: ${cause.message}` : error.message;
}
