import { inside, type Place, parseJson, readObject, readText, readTextMap, refuse } from '../json.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { type HttpFailureKind, readHttpFailure } from './http-failure.ts';

const DEFAULT_TIMEOUT_SECONDS = 60;
const MAX_TIMEOUT_SECONDS = 300;

/** The header by which a request asks for its answer's body as base64. */
export const RAW_BODY = 'x-raw-body';
const H2C = 'x-h2c';
const TIMEOUT = 'x-host-timeout-seconds';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a plugin asks of `host_http_request`. Source: ABI.md §1, "Request JSON". */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** As the plugin wrote them, without the control headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From `X-Raw-Body`: the answer's body is to be given as base64. */
  readonly rawBody: boolean;
  /** From `X-H2C`: HTTP/2 over clear text. */
  readonly h2c: boolean;
  /** From `X-Host-Timeout-Seconds`: 1 to 300, 60 where absent or unusable. */
  readonly timeoutSeconds: number;
}

/** What the host got. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Each cookie that is set, where there are several: they are no list that commas divide, and `headers` has the last. */
  readonly cookies?: readonly string[] | undefined;
  readonly body: Uint8Array;
}

/** What came back: an answer, or the kind of failure with the reason as body. */
export interface HttpOutcome extends HttpResponse {
  /** There where the status is 0, and only there. */
  readonly failure?: HttpFailureKind;
}

const REQUEST: Place = { exportName: 'host_http_request', field: '' };

/** Where a request is to go, without a look at anything else of it. @throws ABI_BAD_MESSAGE */
export function requestedUrl(text: string): string {
  return readText(readObject(parseJson(text, REQUEST.exportName), REQUEST).url, inside(REQUEST, 'url'));
}

/**
 * Reads a request and takes the control headers out of it. An absent method is GET.
 *
 * @throws ABI_BAD_MESSAGE; answer it with {@link encodeHttpFailure}, for a request never traps the guest.
 */
export function decodeHttpRequest(text: string): HttpRequest {
  const whole = REQUEST;
  const json = readObject(parseJson(text, whole.exportName), whole);
  const control = new Map<string, string>();
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(readTextMap(json.headers, inside(whole, 'headers')))) {
    const key = name.toLowerCase();
    if (key === RAW_BODY || key === H2C || key === TIMEOUT) control.set(key, value);
    else headers.push([name, value]);
  }
  const method = readText(json.method ?? '', inside(whole, 'method'));
  return {
    method: method === '' ? 'GET' : method,
    url: readText(json.url, inside(whole, 'url')),
    headers: Object.fromEntries(headers),
    ...readBody(json.body, json.body_base64, whole),
    rawBody: control.has(RAW_BODY),
    h2c: control.has(H2C),
    timeoutSeconds: readTimeout(control.get(TIMEOUT)),
  };
}

/**
 * The answer to a request: the body as text, where broken UTF-8 becomes U+FFFD, or as base64 when the request asked
 * for its raw form.
 */
export function encodeHttpResponse(response: HttpResponse, { rawBody }: Pick<HttpRequest, 'rawBody'>): string {
  const { status, headers, cookies, body } = response;
  return rawBody
    ? JSON.stringify({ status, headers, cookies, body_base64: toBase64(body) })
    : JSON.stringify({ status, headers, body: decoder.decode(body) });
}

/** A request as {@link decodeHttpRequest} reads it; its answer's body comes back as it was. */
export function encodeHttpRequest(
  request: Pick<HttpRequest, 'method' | 'url' | 'headers'> & { body?: Uint8Array },
): string {
  const { method, url, body } = request;
  const headers = { ...request.headers, [RAW_BODY]: '1' };
  return JSON.stringify({ method, url, headers, ...(body?.length && { body_base64: toBase64(body) }) });
}

/** The answer to a request that {@link encodeHttpRequest} wrote. A failure has the status 0 and says why in its body. */
export function decodeHttpResponse(text: string): HttpOutcome {
  const whole = REQUEST;
  const json = readObject(parseJson(text, whole.exportName), whole);
  const body = json.body_base64 === undefined ? undefined : fromBase64(readText(json.body_base64, whole));
  const status = Number(json.status);
  return {
    status,
    ...(status === 0 && { failure: readHttpFailure(json.failure) }),
    headers: readTextMap(json.headers, inside(whole, 'headers')),
    cookies: json.cookies as readonly string[] | undefined,
    body: body ?? encoder.encode(typeof json.body === 'string' ? json.body : ''),
  };
}

/** The answer to a request that came to nothing: status 0, the reason as body, and its kind. */
export function encodeHttpFailure(failure: HttpFailureKind, reason: string): string {
  return JSON.stringify({ status: 0, headers: {}, body: reason, failure });
}

function readBody(text: unknown, base64: unknown, whole: Place): { body?: string | Uint8Array } {
  if (base64 !== undefined && base64 !== null && base64 !== '') {
    const place = inside(whole, 'body_base64');
    return { body: fromBase64(readText(base64, place)) ?? refuse(place, 'base64', base64) };
  }
  if (text === undefined || text === null) return {};
  return { body: readText(text, inside(whole, 'body')) };
}

function readTimeout(value: string | undefined): number {
  const seconds = value !== undefined && /^\+?\d+$/.test(value) ? Number(value) : 0;
  return seconds > 0 ? Math.min(seconds, MAX_TIMEOUT_SECONDS) : DEFAULT_TIMEOUT_SECONDS;
}
