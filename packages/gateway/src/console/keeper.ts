import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Principal } from '../access/principal.ts';
import type { PageRequest } from '../http/page-route.ts';
import type { Logger } from '../logger.ts';
import { request as httpRequest } from '../node-http.ts';
import { whenOver } from '../transport/when-over.ts';
import { writeFailure } from './answer-api.ts';
import { ApiFailure } from './api-failure.ts';

/** What the process that took a connection says of it to the one that has the sessions; each replaces what a client has written under its name. */
export const FROM_HEADER = 'lockgate-from';
export const PROCESS_HEADER = 'lockgate-process';
export const CALLER_HEADER = 'lockgate-caller';
/** Asks there who is signed in. */
export const USER_PATH = '/user';

export interface KeeperOptions {
  readonly socketPath: string;
  /** Number of this process. */
  readonly process: number | undefined;
  readonly logger: Logger;
}

/** Headers of one connection, which do not hold on the next. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer'];

/** How long it may take to say who is signed in, in milliseconds. */
const USER_MS = 2_000;

/**
 * The process that keeps the others, as one of these sees it: it has the sessions, the links and the streams of the console, so that all of them are there once,
 * whichever process a browser's connection comes to.
 */
export class Keeper {
  readonly #socketPath: string;
  readonly #process: number | undefined;
  readonly #logger: Logger;
  /** What is being answered, with what ends when it has been. */
  readonly #open = new Map<ServerResponse, { readonly method: string | undefined; readonly over: Promise<void> }>();

  constructor({ socketPath, process, logger }: KeeperOptions) {
    this.#socketPath = socketPath;
    this.#process = process;
    this.#logger = logger;
  }

  /** Lets it answer. */
  async answer({ request, response, caller }: PageRequest): Promise<'answered'> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open.set(response, { method: request.method, over: promise });
    const asked = this.#ask(request.url ?? '/', request, caller, (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers));
      response.flushHeaders();
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    whenOver(response, () => {
      asked.destroy();
      this.#open.delete(response);
      resolve();
    });
    asked.once('error', () => {
      if (response.headersSent) response.destroy();
      else writeFailure(response, unreachable(), this.#logger);
    });
    request.pipe(asked);
    await promise;
    return 'answered';
  }

  /** Who is signed in with this browser; undefined where nobody is, or it does not say. */
  async userOf(request: IncomingMessage): Promise<Principal | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asked = this.#ask(
      USER_PATH,
      { headers: request.headers, socket: request.socket, method: 'GET' },
      undefined,
      resolve,
    );
    asked.once('error', reject);
    asked.setTimeout(USER_MS, () => asked.destroy(new Error('it does not answer')));
    asked.end();
    try {
      return ((await json(await promise)) as { readonly user?: Principal }).user;
    } catch {
      return undefined;
    }
  }

  /**
   * Ends what is only shown, such as streams of events, which go on at another process, and lets what is being done end by itself.
   *
   * @param timeoutMs - How long that may take.
   */
  async close(timeoutMs: number): Promise<void> {
    for (const [response, { method }] of this.#open) if (method === 'GET') response.destroy();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([Promise.all(Array.from(this.#open.values(), ({ over }) => over)), late]);
    clearTimeout(timer);
    for (const response of this.#open.keys()) response.destroy();
  }

  #ask(
    path: string,
    { method = 'GET', headers, socket }: Pick<IncomingMessage, 'method' | 'headers' | 'socket'>,
    caller: Principal | undefined,
    onAnswer: (answer: IncomingMessage) => void,
  ) {
    const socketPath = this.#socketPath;
    const sent = {
      ...withoutConnection(headers),
      // One that its end closes with the answer breaks the last write of the question, and the answer is lost with it.
      connection: 'keep-alive',
      // A length is as good on the next connection, and a body without one is sent in pieces again.
      ...(headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
      [PROCESS_HEADER]: String(this.#process),
      [FROM_HEADER]: socket.remoteAddress ?? '',
      [CALLER_HEADER]: caller === undefined ? '' : Buffer.from(JSON.stringify(caller)).toString('base64url'),
    };
    return httpRequest({ socketPath, method, path, headers: sent, agent: false }, onAnswer);
  }
}

function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTION.includes(name)));
}

function unreachable(): ApiFailure {
  return new ApiFailure(503, 'NOT_AVAILABLE', 'The process that keeps this gateway does not answer', {
    remedy: 'It may be stopping: `lockgate status` on its machine tells',
  });
}
