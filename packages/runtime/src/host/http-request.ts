import {
  decodeHttpRequest,
  encodeHttpFailure,
  encodeHttpResponse,
  type HttpRequest,
  type HttpResponse,
} from '@lockgate/abi';
import type { Dispatcher } from 'undici';
import type { Fetch, Lookup } from '../options.ts';
import type { AddressPolicy } from './address-policy.ts';
import { CheckedDispatcher, portOf, systemLookup } from './dispatcher.ts';
import { answerOf, type HttpAnswer, type Sent, sendAsIs } from './http-answer.ts';
import { HttpFailure, httpFailureOf, type Stage } from './http-failure.ts';
import { refusedRequest } from './refused-request.ts';

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** RFC 9110, 5.1, 5.5 and 9.1; bytes beyond ASCII are let through as one character each. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const NOT_IN_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Meant for one connection or made by the client itself; a guest's own would only break the request. RFC 9110 §7.6.1 */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
);
/** Which guests may write in small letters; all others are sent as they are written. */
const METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE'.split(' '));
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** What the HTTP of one guest is made of. */
export interface HttpHostSetup {
  readonly policy: AddressPolicy;
  /** Makes the requests instead of undici; resolves names itself unless `lookup` is given too. */
  readonly fetch?: Fetch | undefined;
  readonly lookup?: Lookup | undefined;
  readonly maxResponseBytes: number;
  /** The longest message to the guest, of which a response is a part. @default no limit of its own */
  readonly maxMessageBytes?: number | undefined;
  readonly maxConcurrent: number;
}

/** `host_http_request` of one guest. Source: ABI.md §1. */
export class HttpHost {
  readonly #setup: HttpHostSetup;
  readonly #dispatcher: CheckedDispatcher;
  #running = 0;

  constructor(setup: HttpHostSetup) {
    this.#setup = setup;
    this.#dispatcher = new CheckedDispatcher(setup.policy, setup.lookup ?? systemLookup);
  }

  /** One request, as JSON in and out. Never rejects: whatever fails is a response with status 0 that says why. */
  async request(text: string, signal: AbortSignal): Promise<string> {
    const { maxConcurrent } = this.#setup;
    if (this.#running >= maxConcurrent)
      return encodeHttpFailure('too-many-requests', `more than ${maxConcurrent} requests at a time`);
    this.#running += 1;
    try {
      return await this.#answer(decodeHttpRequest(text), signal);
    } catch (error) {
      const { kind, message } = httpFailureOf(error, 'the host', 'sent');
      return encodeHttpFailure(kind, message);
    } finally {
      this.#running -= 1;
    }
  }

  /** What a request is answered with where nothing is granted: why it is refused. */
  refuse(text: string): string {
    return refusedRequest(this.#setup.policy, text) ?? encodeHttpFailure('denied', 'no host is granted');
  }

  /** Closes every connection. */
  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #answer(request: HttpRequest, signal: AbortSignal): Promise<string> {
    const timeout = AbortSignal.timeout(request.timeoutSeconds * 1_000);
    const stop = AbortSignal.any([signal, timeout]);
    let hop: Sent = {
      url: parseUrl(request.url),
      method: sendableMethod(request.method),
      headers: sendable(request.headers),
      body: request.body?.length ? request.body : undefined,
    };
    try {
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const outcome = await this.#requestHop(hop, request, stop);
        if (typeof outcome === 'string') return outcome;
        hop = outcome;
      }
    } catch (error) {
      if (signal.aborted) throw new HttpFailure('ended', String((signal.reason as Error)?.message ?? signal.reason));
      if (timeout.aborted) throw new HttpFailure('response-timeout', `no response within ${request.timeoutSeconds} s`);
      throw error;
    }
    throw new HttpFailure('too-many-redirects', `more than ${MAX_REDIRECTS} redirects`);
  }

  /** One hop: the response as JSON, or where it leads to. The address policy is asked again at each of them. */
  async #requestHop(hop: Sent, request: HttpRequest, signal: AbortSignal): Promise<string | Sent> {
    const { policy, fetch, lookup } = this.#setup;
    const refusal = policy.refusalOfUrl(hop.url);
    if (refusal !== undefined) throw new HttpFailure(refusal.kind, refusal.reason);
    const clearText =
      !fetch && request.h2c && hop.url.protocol === 'http:' ? this.#dispatcher.clearTextHttp2(hop.url) : undefined;
    let stage: Stage = 'sent';
    try {
      if (fetch && lookup) await this.#dispatcher.resolve(hop.url.hostname, portOf(hop.url));
      const response = await this.#send(hop, clearText, signal);
      stage = 'answered';
      const next = redirectOf(response, hop);
      if (next === undefined) return encodeHttpResponse(await this.#receive(response), request);
      response.leave();
      return next;
    } catch (error) {
      throw httpFailureOf(error, hop.url.host, stage);
    } finally {
      await clearText?.destroy();
    }
  }

  async #send(sent: Sent, dispatcher: Dispatcher | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const { fetch } = this.#setup;
    if (fetch === undefined) return sendAsIs(dispatcher ?? this.#dispatcher.shared(), sent, signal);
    const { url, method, headers, body } = sent;
    const init = { method, headers, signal, redirect: 'manual' as const, ...(body !== undefined && { body }) };
    return answerOf(await fetch(url.href, init as RequestInit));
  }

  async #receive(response: HttpAnswer): Promise<HttpResponse> {
    const headers = { ...response.headers };
    const { cookies } = response;
    // The body comes as a whole, whatever it was sent in.
    delete headers['transfer-encoding'];
    if (response.isUnpacked) {
      // The body comes decoded, so that these two no longer tell the truth.
      delete headers['content-encoding'];
      delete headers['content-length'];
    }
    const body = await readAtMost(response, this.#setup);
    return { status: response.status, headers, ...(cookies.length > 1 && { cookies }), body };
  }
}

/** What no message to the guest has room for is not read. */
async function readAtMost(
  response: HttpAnswer,
  { maxResponseBytes, maxMessageBytes = maxResponseBytes }: HttpHostSetup,
): Promise<Uint8Array> {
  const limitBytes = Math.min(maxResponseBytes, maxMessageBytes);
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  for await (const chunk of response.body) {
    byteLength += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (byteLength > limitBytes) {
      const isMessage = maxMessageBytes < maxResponseBytes;
      const longest = isMessage ? ', which the longest message is ("limits.maxMessageBytes")' : '';
      throw new HttpFailure('response-too-large', `the response is larger than ${limitBytes} bytes${longest}`);
    }
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** What a redirect asks for next; undefined for any other response. Source: Fetch standard, "HTTP-redirect fetch". */
function redirectOf(response: HttpAnswer, { url, method, headers, body }: Sent): Sent | undefined {
  const location = REDIRECTS.has(response.status) ? response.headers.location : undefined;
  if (location === undefined) return undefined;
  const next = parseUrl(location, url);
  const becomesGet =
    (response.status === 303 && method !== 'GET' && method !== 'HEAD') ||
    (method === 'POST' && (response.status === 301 || response.status === 302));
  const kept = Object.entries(headers).filter(([name]) => {
    const key = name.toLowerCase();
    if (becomesGet && key.startsWith('content-')) return false;
    return next.origin === url.origin || !SECRET_HEADERS.has(key);
  });
  return {
    url: next,
    method: becomesGet ? 'GET' : method,
    headers: Object.fromEntries(kept),
    body: becomesGet ? undefined : body,
  };
}

function sendableMethod(method: string): string {
  // A tunnel would lead past the address policy.
  if (/^connect$/i.test(method) || !TOKEN.test(method))
    throw new HttpFailure('bad-method', `the method ${JSON.stringify(method.slice(0, 60))} cannot be sent`);
  return METHODS.has(method.toUpperCase()) ? method.toUpperCase() : method;
}

/** A value may be a secret of the guest's settings, so that a complaint names its header alone. */
function sendable(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase()));
  for (const [name, value] of kept) {
    const shown = JSON.stringify(name.slice(0, 60));
    if (!TOKEN.test(name))
      throw new HttpFailure('bad-request', `there can be no header ${shown}: a name has letters, digits and "-"`);
    if (NOT_IN_A_VALUE.test(value))
      throw new HttpFailure(
        'bad-request',
        `the value of the header ${shown} holds a line break, or another character that none may hold`,
      );
  }
  return Object.fromEntries(kept);
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (url === null) throw new HttpFailure('bad-url', 'the URL cannot be read');
  return url;
}
