import { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request, fetch as undiciFetch } from 'undici';
import { nodeHeaders } from '../node-headers.ts';
import { VERSION } from '../version.ts';

/** Only the gateway's own deadlines end a request; a stream of events may be silent for as long as it likes. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

/** Proxies of the environment are used where Node's own `fetch` would use them. */
const usesProxies = process.env.NODE_USE_ENV_PROXY === '1' || process.execArgv.includes('--use-env-proxy');

/** The connections to all servers. */
const dispatcher: Dispatcher = usesProxies ? new EnvHttpProxyAgent(NO_DEADLINES) : new Agent(NO_DEADLINES);

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Headers that every request has unless it says otherwise. */
export const STANDARD_HEADERS: Readonly<Record<string, string>> = {
  'user-agent': `lockgate/${VERSION}`,
  'accept-encoding': Object.keys(DECODERS).join(', '),
};

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the SDK uses of a `Response`, and the body as Node has it. */
export type HttpAnswer = Response & { readonly stream: Readable };

/**
 * Sends a request and answers its response once the headers are there. Of a `Response` it has what the SDK uses; the body is
 * read without web streams, which take longer than everything else about a small call. Redirects are not followed.
 *
 * @throws like `fetch`: a `TypeError` with the cause, or the signal's reason.
 */
export async function sendHttp(url: URL, { method, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  try {
    const asked = { dispatcher, method: method as Dispatcher.HttpMethod, headers, body: body ?? null, signal };
    return toResponse(await request(url, asked));
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new TypeError('fetch failed', { cause: error });
  }
}

/** The same as a `fetch`, as far as the SDK's streamable HTTP needs one. */
export function httpFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  return sendHttp(new URL(url), {
    method: init.method ?? 'GET',
    headers: { ...STANDARD_HEADERS, ...Object.fromEntries(new Headers(init.headers)) },
    body: typeof init.body === 'string' ? init.body : undefined,
    signal: init.signal ?? undefined,
  });
}

/** `fetch` without deadlines of its own, for the older transport. */
export function fetchWithoutDeadlines(url: string | URL, init?: RequestInit): Promise<Response> {
  return undiciFetch(url, { ...init, dispatcher } as Parameters<typeof undiciFetch>[1]) as unknown as Promise<Response>;
}

function toResponse({ statusCode: status, headers, body }: Dispatcher.ResponseData<unknown>): HttpAnswer {
  const decoder = DECODERS[String(headers['content-encoding'] ?? '')];
  const decoded = decoder && body.compose(decoder());
  const stream = decoded ?? body;
  return {
    status,
    ok: status >= 200 && status < 300,
    statusText: '',
    headers: nodeHeaders(headers),
    json: () => (decoded ? json(decoded) : body.json()),
    text: () => (decoded ? text(decoded) : body.text()),
    stream,
    get body() {
      return Readable.toWeb(stream);
    },
  } as unknown as HttpAnswer;
}
