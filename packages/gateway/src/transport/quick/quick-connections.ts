import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { GatewaySection } from '../../config/gateway-section.ts';
import type { HttpResponse, ReceivedRequest } from '../http-contract.ts';
import { type ConnectionOwner, QuickConnection } from './quick-connection.ts';

/** Answers a call; never throws. */
export type ServeCall = (request: ReceivedRequest, response: HttpResponse) => void;

/**
 * Reads the calls that come to a server in place of Node's HTTP, which makes two streams and a dozen other things for each of them. Whatever is not a plain POST to
 * an endpoint is left to Node, and so is all that comes after it on its connection.
 */
export class QuickConnections {
  readonly #connections = new Set<QuickConnection>();
  readonly #owner: ConnectionOwner & { ticks: number; asksToGo: boolean };
  readonly #tickMs: number;
  #onRequest: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param server - Not listening yet; one that speaks TLS has connections that only Node can read. */
  constructor(
    server: Server,
    limits: Pick<GatewaySection['limits'], 'maxHeaderBytes' | 'maxBodyBytes'>,
    serve: ServeCall,
  ) {
    const { maxHeaderBytes, maxBodyBytes } = limits;
    const { keepAliveTimeout, headersTimeout } = server;
    this.#tickMs = Math.min(1_000, headersTimeout);
    const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    const goesOn = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveTimeout / 1_000)}\r\n`;
    this.#owner = {
      maxHeaderBytes,
      maxBodyBytes,
      ticks: 0,
      // One more, so that none is ended on which a client sends at the last moment.
      idleTicks: Math.ceil(keepAliveTimeout / this.#tickMs) + 1,
      connectionLines: (isLast) => (isLast ? 'Connection: close\r\n' : goesOn),
      asksToGo: false,
      serve: (request, response) => {
        this.#onRequest?.();
        serve(request, response);
      },
      handOver: (socket, unread) => {
        if (unread.length > 0) socket.unshift(unread);
        for (const listener of listeners) listener.call(server, socket);
      },
      gone: (connection) => this.#gone(connection),
    };
    if (server instanceof HttpsServer) return;
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#take(socket));
  }

  /** From now on each answer is the last of its connection. */
  askToGo(onRequest: () => void): void {
    this.#onRequest = onRequest;
    this.#owner.asksToGo = true;
  }

  closeIdleConnections(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.socket.destroy();
  }

  closeAllConnections(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  /** Looks after all connections; its own timer calls it. */
  tick(): void {
    this.#owner.ticks++;
    for (const connection of this.#connections) connection.look();
  }

  #take(socket: Socket): void {
    this.#connections.add(new QuickConnection(socket, this.#owner));
    this.#timer ??= setInterval(() => this.tick(), this.#tickMs).unref();
  }

  #gone(connection: QuickConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
