import { createRequire, Module } from 'node:module';
import type { Agent, Dispatcher } from 'undici';
import type { AnswerHandler, Sender, Sending, SentRequest } from './sender.ts';

/** Only the gateway's own deadlines end a request; a stream of events may be silent for as long as it likes. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const;

const ABORTED = new Error('the request is no longer wanted');

/** Whether proxies of the environment are used: where Node's own `fetch` would use them. */
export function usesProxies(): boolean {
  return process.env.NODE_USE_ENV_PROXY === '1' || process.execArgv.includes('--use-env-proxy');
}

/** Sends requests over TLS and through proxies. Its library is loaded with the first of them, no more of it than that takes: each megabyte is one of a start's ninety. */
export class UndiciSender implements Sender {
  #loading: Promise<Dispatcher> | undefined;
  #dispatcher: Dispatcher | undefined;

  send(url: URL, request: SentRequest, handler: AnswerHandler): Sending {
    const dispatched = new Dispatched(handler);
    if (this.#dispatcher) dispatched.begin(this.#dispatcher, url, request);
    else
      this.#load().then(
        (dispatcher) => dispatched.begin(dispatcher, url, request),
        (error) => dispatched.onResponseError(undefined, error),
      );
    return dispatched;
  }

  #load(): Promise<Dispatcher> {
    this.#loading ??= loadDispatcher().then((dispatcher) => {
      this.#dispatcher = dispatcher;
      return dispatcher;
    });
    return this.#loading;
  }
}

/** One request, as undici tells of it. */
class Dispatched implements Sending, Dispatcher.DispatchHandler {
  readonly #handler: AnswerHandler;
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;

  constructor(handler: AnswerHandler) {
    this.#handler = handler;
  }

  begin(dispatcher: Dispatcher, url: URL, { method, headers, body }: SentRequest): void {
    if (this.#isAborted) return;
    try {
      dispatcher.dispatch(
        { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null },
        this,
      );
    } catch (error) {
      this.#handler.onError(error as Error);
    }
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(ABORTED);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAborted) controller.abort(ABORTED);
  }

  onResponseStart(_controller: unknown, status: number, headers: Parameters<AnswerHandler['onHead']>[1]): void {
    if (!this.#isAborted && status >= 200) this.#handler.onHead(status, headers);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (!this.#isAborted) this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (!this.#isAborted) this.#handler.onEnd();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (!this.#isAborted) this.#handler.onError(error);
  }
}

/** Loads what sends requests over TLS, or by the proxies of the environment. */
export async function loadDispatcher(): Promise<Dispatcher> {
  if (usesProxies()) return new (await import('undici')).EnvHttpProxyAgent(NO_DEADLINES);
  // All of undici (fetch, caches, sockets) takes 11 MB more.
  return new (loadAgent())(NO_DEADLINES);
}

/**
 * Loads undici's agent without Node's HTTP/2, which it reads together with its clients, whoever speaks it: 2.6 MB. Requests of the gateway are of
 * HTTP/1.1. Others in the process may share the agent's module: where they ask for HTTP/2, it is loaded then.
 */
function loadAgent(): typeof Agent {
  const require = createRequire(import.meta.url);
  const http2 = require.resolve('undici/lib/dispatcher/client-h2.js');
  const isLoaded = require.cache[http2] !== undefined;
  if (!isLoaded) {
    const later = new Module(http2);
    later.exports = (...connection: unknown[]): unknown => require(http2)(...connection);
    require.cache[http2] = later;
  }
  try {
    return require('undici/lib/dispatcher/agent.js') as typeof Agent;
  } finally {
    if (!isLoaded) delete require.cache[http2];
  }
}
