import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import type zlib from 'node:zlib';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { VERSION } from '../version.ts';
import { whole } from './join-parts.ts';
import { PlainSender } from './plain/plain-sender.ts';
import type { Sender, Sending } from './sender.ts';
import { UndiciSender, usesProxies } from './undici-sender.ts';

type MakeDecoder = (library: typeof zlib) => Transform;

/** Their library is loaded with the first answer that is compressed, which few servers send: it takes almost a megabyte. */
const DECODERS: ReadonlyMap<string, MakeDecoder> = new Map<string, MakeDecoder>([
  ['gzip', (library) => library.createGunzip()],
  ['deflate', (library) => library.createInflate()],
  ['br', (library) => library.createBrotliDecompress()],
  ['zstd', (library) => library.createZstdDecompress()],
]);

/** Headers that every request has unless it says otherwise. */
export const STANDARD_HEADERS: Readonly<Record<string, string>> = {
  'user-agent': `lockgate/${VERSION}`,
  'accept-encoding': [...DECODERS.keys()].join(', '),
};

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Bytes;
}

/**
 * Told what comes of a request, in this order; exactly one of `onEnd` and `onFailure` is last. A handler that throws has its
 * request ended, and is told the error as a failure.
 */
export interface HttpHandler {
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** @param reached - Whether the other side may have received the request. */
  onFailure(cause: Error, reached: boolean): void;
}

/** Sends requests over connections that are kept and shared. Redirects are not followed. */
export interface HttpClient {
  /** Whether a guest of this process answers, which has neither an address nor credentials. @default false */
  readonly isGuest?: boolean;
  /** The function it answers ends the request; nothing is told after that. */
  send(url: URL, request: HttpRequest, handler: HttpHandler): () => void;
}

let opened: HttpClient | undefined;

/** The one client of the process. What it needs for TLS, and for proxies, is loaded with the first request that does. */
export function openHttpClient(): HttpClient {
  if (opened) return opened;
  const secure = new UndiciSender();
  const plain = usesProxies() ? secure : new PlainSender();
  opened = {
    send: (url, request, handler) => send(url.protocol === 'http:' ? plain : secure, url, request, handler),
  };
  return opened;
}

/** Failures before the other side can have seen anything. */
const UNREACHED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

function send(sender: Sender, url: URL, { method, headers, body }: HttpRequest, handler: HttpHandler): () => void {
  let sending: Sending | undefined;
  let isOver = false;
  let decoder: Transform | undefined;
  const stop = (): void => {
    isOver = true;
    decoder?.destroy();
    sending?.abort();
  };
  // What a handler throws must not escape: nothing would catch it, and the process would end.
  const tellFailure = (cause: Error): void => {
    try {
      handler.onFailure(cause, !UNREACHED.has(codeOf(cause)));
    } catch (error) {
      process.emitWarning(error as Error);
    }
  };
  const fail = (cause: Error): void => {
    if (isOver) return;
    stop();
    tellFailure(cause);
  };
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    try {
      handler.onEnd();
    } catch (error) {
      tellFailure(error as Error);
    }
  };
  const data = (chunk: Buffer): void => {
    if (isOver) return;
    try {
      handler.onData(chunk);
    } catch (error) {
      fail(error as Error);
    }
  };
  const sent = { method, headers, body: body && whole(body) };
  try {
    sending = sender.send(url, sent, {
      onHead(status, answered) {
        if (isOver) return;
        try {
          handler.onHead(status, answered);
        } catch (error) {
          fail(error as Error);
          return;
        }
        const make = DECODERS.get(String(answered['content-encoding'] ?? '').toLowerCase());
        if (!make) return;
        decoder = make(process.getBuiltinModule('node:zlib')).on('data', data).on('end', end).on('error', fail);
        // One for all: several parts may come before what pauses takes effect.
        decoder.on('drain', () => sending?.resume());
      },
      onData(chunk) {
        if (!decoder) data(chunk);
        else if (!decoder.write(chunk)) sending?.pause();
      },
      onEnd() {
        if (decoder) decoder.end();
        else end();
      },
      onError: fail,
    });
  } catch (error) {
    // Nothing was sent. Whoever asked is told when it has what ends the request.
    process.nextTick(fail, error);
  }
  return stop;
}

/** A name with several addresses fails with several errors in one. */
function codeOf(cause: unknown): unknown {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}
