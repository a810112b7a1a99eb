import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, Server as NetServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { GatewaySection } from '../config/gateway-section.ts';
import { ListenError } from '../errors.ts';
import { isThere, LOOPBACKS } from './loopbacks.ts';
import type { QuickConnections } from './quick/quick-connections.ts';
import { renewCertificates } from './tls.ts';

/** How long connections may take to end by themselves once everything has been answered, in milliseconds. */
const LINGER_MS = 1_000;

/** How long clients that leave may be silent on the connections that they have, and how long all of them may take together, in milliseconds. */
const SILENT_MS = 2_000;
const LEAVE_MS = 10_000;

/** How often it is looked whether answers have ended, in milliseconds. */
const LOOK_MS = 100;

/** How long a turn of the event loop may take in which listening ends, and until when such a one is waited for, in milliseconds; after the last, any will do. */
const FREE_TURNS = [
  { turnMs: 0.1, untilMs: 1_000 },
  { turnMs: 0.5, untilMs: 3_000 },
  { turnMs: 3, untilMs: 5_000 },
] as const;

/** How often a port that is free on one loopback, and taken on the other, is left for another. */
const MOST_TRIES = 10;

/** A server that listens, and ends in order. */
export class HttpServer {
  readonly #server: Server;
  /** Listens on the second loopback; its connections are the server's own. */
  #second: NetServer | undefined;
  readonly #running: () => number;
  readonly #quick: QuickConnections | undefined;
  #asksToGo = false;
  #isGone = false;
  /** When a request came or an answer ended last, as `performance.now()` has it; known while clients are asked to go. */
  #usedAt = 0;

  /**
   * @param running - How many requests are being answered.
   * @param quick - Reads some of the server's connections in Node's place.
   */
  constructor(server: Server, running: () => number = () => 0, quick?: QuickConnections) {
    this.#quick = quick;
    this.#server = server;
    this.#running = running;
  }

  /**
   * Listens there; on `localhost` on both loopbacks, or on the one that the machine has.
   *
   * @throws GATEWAY_LISTEN
   */
  async listen(host: string, port: number, scheme: 'http' | 'https'): Promise<{ readonly url: string }> {
    try {
      if (host === 'localhost') await this.#listenOnBoth(port, MOST_TRIES);
      else await listening(this.#server, port, host);
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new ListenError({ host, port, reason: code }, { cause: error });
    }
    const bound = this.#server.address() as AddressInfo;
    const shown = host.includes(':') ? `[${host}]` : host;
    return { url: `${scheme}://${shown}:${bound.port}/mcp` };
  }

  /** @throws GATEWAY_CONFIG when they cannot be used; what was served stays. */
  renewCertificates(tls: GatewaySection['tls']): void {
    renewCertificates(this.#server, tls);
  }

  /** From now on each answer is the last of its connection. */
  askToGo(): void {
    if (this.#asksToGo) return;
    this.#asksToGo = true;
    this.#quick?.askToGo(() => {
      this.#usedAt = performance.now();
    });
    this.#server.prependListener('request', (_request, response: ServerResponse) => {
      response.setHeader('connection', 'close');
      this.#usedAt = performance.now();
    });
  }

  /** Lets nobody connect any more, and asks those to go who are. Resolves when all have gone or are silent, at most after 10 s. */
  async leave(): Promise<void> {
    void Promise.all(this.#servers.map((server) => once(server, 'close'))).then(() => {
      this.#isGone = true;
    });
    await this.#stopListening();
    // Not before: each client would have to connect again, here.
    this.askToGo();
    await this.#fallenSilent(LEAVE_MS);
  }

  /**
   * After `leave`: resolves when all have gone, or for 2 s no request has come and no answer has ended, at most after 10 s. An answer that began before its client was asked to go leaves a
   * connection behind, on which balancers send the next request at once.
   */
  silent(): Promise<void> {
    return this.#fallenSilent(LEAVE_MS);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const servers = this.#servers;
    for (const server of servers) server.close();
    const linger = setTimeout(() => {
      this.#server.closeAllConnections();
      this.#quick?.closeAllConnections();
    }, LINGER_MS);
    this.#server.closeIdleConnections();
    this.#quick?.closeIdleConnections();
    await Promise.all(servers.map((server) => once(server, 'close').catch(() => {})));
    clearTimeout(linger);
  }

  async #fallenSilent(mostMs: number): Promise<void> {
    const { promise: fallen, resolve } = Promise.withResolvers<void>();
    const until = performance.now() + mostMs;
    let running = this.#running();
    let usedAt = this.#usedAt;
    // Counted and not timed: what came while the machine let this process wait has been taken by the next look.
    let silentLooks = 0;
    const look = setInterval(() => {
      const isUsed = this.#running() < running || this.#usedAt !== usedAt;
      silentLooks = isUsed ? 0 : silentLooks + 1;
      running = this.#running();
      usedAt = this.#usedAt;
      if (this.#isGone || performance.now() >= until || silentLooks * LOOK_MS >= SILENT_MS) resolve();
    }, LOOK_MS);
    await fallen;
    clearInterval(look);
  }

  /**
   * Ends listening in a short turn of the event loop that brought no connection. Connections that the system has made and the gateway has not taken are reset then, and each turn takes one: so
   * there is none but what came in that turn, after the system was asked.
   */
  #stopListening(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const began = performance.now();
    let connections = 0;
    const count = (): void => void connections++;
    this.#server.on('connection', count);
    // Not known yet: this turn may have asked the system before those came that wait now.
    let turnedAt = Number.NEGATIVE_INFINITY;
    const turned = (): void => {
      const now = performance.now();
      const wanted = FREE_TURNS.find(({ untilMs }) => now - began < untilMs);
      if (wanted && (connections > 0 || now - turnedAt > wanted.turnMs)) {
        connections = 0;
        turnedAt = now;
        setImmediate(turned);
        return;
      }
      this.#server.off('connection', count);
      // An HTTP server's own close would end those on which nothing is asked now, and what was sent there a moment ago would have no answer.
      for (const server of this.#servers) NetServer.prototype.close.call(server);
      resolve();
    };
    setImmediate(turned);
    return promise;
  }

  get #servers(): readonly NetServer[] {
    return this.#second ? [this.#server, this.#second] : [this.#server];
  }

  async #listenOnBoth(port: number, tries: number): Promise<void> {
    const [first, second] = LOOPBACKS;
    if (!(await isThere(listening(this.#server, port, first)))) return listening(this.#server, port, second);
    const server = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#server.emit('connection', socket),
    );
    const bound = this.#server.address() as AddressInfo;
    try {
      if (!(await isThere(listening(server, bound.port, second)))) return;
      this.#second = server;
      this.#countTogether();
    } catch (error) {
      this.#server.close();
      await once(this.#server, 'close');
      if (port !== 0 || tries === 0) throw error;
      await this.#listenOnBoth(port, tries - 1);
    }
  }

  /** Each of the two would let in as many as both may. */
  #countTogether(): void {
    let open = 0;
    this.#server.on('connection', (socket) => {
      if (++open > this.#server.maxConnections) socket.destroy();
      socket.once('close', () => open--);
    });
  }
}

async function listening(server: NetServer, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
  // A connection that could not be accepted is its client's loss alone.
  server.on('error', () => {});
}
