import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { Logger } from '../logger.ts';
import { makeFolder } from '../make-folder.ts';
import { createServer } from '../node-http.ts';
import { hasDefaultName, mustBeOwnFolder, mustFitAddress } from './admin-socket-path.ts';
import { answerApi, writeFailure } from './answer-api.ts';
import type { Visitor } from './api-handler.ts';
import type { ApiTable } from './api-table.ts';
import { isAnswered } from './is-answered.ts';
import { sweepSockets } from './sweep-sockets.ts';

const API = '/console/api/';

/** Whoever may open the socket. The name can be no key's. */
const CALLER = { name: 'console:socket', how: 'socket' } as const;

/** Another gateway listens there. */
export class SocketTakenError extends Error {}

/**
 * The API over a socket of the file system that only the gateway's own user may open: whoever does is the operator. On Windows it is a named pipe, which has
 * the rights that Windows gives it.
 */
export class AdminSocket {
  readonly #server: Server;

  /** @param visitorOf - Whom a request is made for; undefined where it is made for whoever has opened the socket. @default never for anybody else */
  constructor(
    table: Pick<ApiTable, 'find'>,
    logger: Logger,
    visitorOf: (request: IncomingMessage) => Visitor | undefined = () => undefined,
  ) {
    let connections = 0;
    const keys = new WeakMap<object, string>();
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      try {
        const url = new URL(request.url ?? '/', 'http://gateway');
        const key = keys.get(request.socket) ?? `socket:${++connections}`;
        keys.set(request.socket, key);
        const identity = { name: CALLER.name, role: 'operator', caller: CALLER } as const;
        const visitor = visitorOf(request) ?? { ...identity, via: 'socket', key, still: () => identity };
        const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length) : '';
        const { handler, params } = table.find(request.method ?? 'GET', path);
        await answerApi(handler, { params, query: url.searchParams, visitor, request, response }, logger);
      } catch (error) {
        writeFailure(response, error, logger);
      }
    };
    this.#server = createServer((request, response) => void answer(request, response));
  }

  /**
   * Listens there. What a gateway has left that no longer runs is replaced.
   *
   * @throws SocketTakenError where one runs; the file system's error; an Error where the path is too long.
   */
  async listen(path: string): Promise<void> {
    if (!isPipeName(path)) {
      mustFitAddress(path);
      makeFolder(dirname(path));
      mustBeOwnFolder(path);
    }
    try {
      await this.#bind(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (isPipeName(path) || (await isAnswered(path))) throw new SocketTakenError(path);
      mustBeSocket(path);
      rmSync(path, { force: true });
      await this.#bind(path);
    }
    if (hasDefaultName(path)) await sweepSockets(path);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #bind(path: string): Promise<void> {
    const before = isPipeName(path) ? undefined : process.umask(0o177); // the file must never be open to others, not for a moment
    try {
      this.#server.listen(path);
    } finally {
      if (before !== undefined) process.umask(before);
    }
    await once(this.#server, 'listening');
    if (before !== undefined) chmodSync(path, 0o600);
  }
}

/** Somebody may have named a file of theirs by mistake. */
function mustBeSocket(path: string): void {
  if (lstatSync(path).isSocket()) return;
  throw Object.assign(new Error(`${path} is no socket`), { code: 'EEXIST' });
}

function isPipeName(path: string): boolean {
  return path.startsWith('\\\\.\\pipe\\');
}
