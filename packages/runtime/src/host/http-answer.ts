import { pipeline, type Readable } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  constants as zlib,
} from 'node:zlib';
import type { Dispatcher } from 'undici';

/** One request as it goes over a connection. */
export interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** What came back, before its body has. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of one that comes several times the values in one, with commas. */
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
  readonly body: AsyncIterable<Uint8Array>;
  /** The body comes as it was before it was compressed, whatever the headers say. */
  readonly isUnpacked: boolean;
  /** Nobody will read the body. */
  leave(): void;
}

/** What some servers refuse requests without. */
const DEFAULT_HEADERS: Readonly<Record<string, string>> = { accept: '*/*', 'user-agent': 'lockgate' };

// What is cut off is given as far as it came, as browsers do it.
const CUT = { flush: zlib.Z_SYNC_FLUSH, finishFlush: zlib.Z_SYNC_FLUSH };
const CUT_BROTLI = { flush: zlib.BROTLI_OPERATION_FLUSH, finishFlush: zlib.BROTLI_OPERATION_FLUSH };
const UNPACK: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: () => createGunzip(CUT),
  'x-gzip': () => createGunzip(CUT),
  deflate: () => createInflate(CUT),
  br: () => createBrotliDecompress(CUT_BROTLI),
  zstd: () => createZstdDecompress(),
};
/** Layers of compression in one answer; more are an attack. */
const MOST_LAYERS = 5;

/** Sends a request as it is: no method, body or port is refused that HTTP has, and no redirect followed. */
export async function sendAsIs(
  dispatcher: Dispatcher,
  { url, method, headers, body }: Sent,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const added = Object.entries(DEFAULT_HEADERS).filter(([name]) => !named.has(name));
  const answer = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: method as Dispatcher.HttpMethod,
    headers: { ...Object.fromEntries(added), ...headers },
    body: body ?? null,
    signal,
  });
  const given = Object.entries(answer.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const joined = given.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const);
  const layers = method === 'HEAD' ? [] : layersOf(String(answer.headers['content-encoding'] ?? ''));
  const cookies = [answer.headers['set-cookie'] ?? []].flat();
  const last = cookies.at(-1);
  return {
    status: answer.statusCode,
    headers: { ...Object.fromEntries(joined), ...(last !== undefined && { 'set-cookie': last }) },
    cookies,
    body: layers.length === 0 ? answer.body : unpacked(answer.body, layers),
    isUnpacked: layers.length > 0,
    leave: () => {
      answer.body.on('error', () => {}).destroy();
    },
  };
}

/** The answer of a `fetch` that somebody has given. */
export function answerOf(response: Response): HttpAnswer {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    cookies: response.headers.getSetCookie(),
    body: response.body ?? nothing(),
    isUnpacked: response.body !== null && response.headers.has('content-encoding'),
    leave: () => {
      void response.body?.cancel();
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** How a body is packed, the last way first; none where one of them is not known, and it is given as it is, with the header that says so. */
function layersOf(encodings: string): readonly string[] {
  const layers = encodings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const isKnown = layers.length <= MOST_LAYERS && layers.every((name) => Object.hasOwn(UNPACK, name));
  return isKnown ? layers.reverse() : [];
}

function unpacked(body: Readable, layers: readonly string[]): AsyncIterable<Uint8Array> {
  const steps = layers.flatMap((name) => UNPACK[name]?.() ?? []);
  // Who reads the last of them is told of an error in any.
  return pipeline([body, ...steps], () => {}) as unknown as Readable;
}
