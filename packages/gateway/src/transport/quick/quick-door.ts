import type { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { GatewaySection } from '../../config/gateway-section.ts';
import type { HttpResponse, ReceivedRequest } from '../http-contract.ts';
import { type ConnectionOwner, QuickConnection } from './quick-connection.ts';
import type { QuickResponse } from './quick-response.ts';

/** Opens a door to a server; none to one that speaks TLS, whose connections are Node's. */
export function quickDoor(server: Server, limits: GatewaySection['limits'], serve: Serve): QuickDoor | undefined {
  return server instanceof HttpsServer ? undefined : new QuickDoor(server, limits, serve);
}

/** Answers a request; never throws. */
export type Serve = (request: ReceivedRequest, response: HttpResponse) => void;

/**
 * Reads the calls that come to a server without Node's HTTP, which makes two streams for each of them, and leaves all else to it: whatever is not a plain POST to an
 * endpoint, and from then on the connection it came on.
 */
export class QuickDoor implements ConnectionOwner {
  readonly #server: Server;
  readonly #serve: Serve;
  readonly #listeners: readonly ((socket: Socket) => void)[];
  readonly #connections = new Set<QuickConnection>();
  readonly #tickMs: number;
  #onRequest: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly idleTicks: number;
  readonly connectionLines: string;
  ticks = 0;

  constructor(server: Server, limits: GatewaySection['limits'], serve: Serve) {
    this.#server = server;
    this.#serve = serve;
    this.maxHeaderBytes = limits.maxHeaderBytes;
    this.maxBodyBytes = limits.maxBodyBytes;
    this.#tickMs = Math.min(1_000, limits.headersTimeoutMs);
    const { keepAliveTimeout, keepAliveTimeoutBuffer = 0 } = server as Server & { keepAliveTimeoutBuffer?: number };
    this.idleTicks = Math.ceil((keepAliveTimeout + keepAliveTimeoutBuffer) / this.#tickMs);
    this.connectionLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveTimeout / 1_000)}\r\n`;
    this.#listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#take(socket));
  }

  get asksToGo(): boolean {
    return this.#onRequest !== undefined;
  }

  /** From now on each answer is the last of its connection. */
  askToGo(onRequest: () => void): void {
    this.#onRequest = onRequest;
  }

  closeIdle(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.socket.destroy();
  }

  closeAll(): void {
    for (const connection of this.#connections) connection.socket.destroy();
  }

  /** Looks after all connections. */
  tick(): void {
    this.ticks++;
    for (const connection of this.#connections) connection.look();
  }

  serve(request: ReceivedRequest, response: QuickResponse): void {
    this.#onRequest?.();
    this.#serve(request, response);
  }

  handOver(socket: Socket, unread: Buffer | undefined): void {
    if (unread) socket.unshift(unread);
    for (const listener of this.#listeners) listener.call(this.#server, socket);
  }

  gone(connection: QuickConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #take(socket: Socket): void {
    this.#connections.add(new QuickConnection(socket, this));
    this.#timer ??= setInterval(() => this.tick(), this.#tickMs).unref();
  }
}
