import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer } from 'node:net';
import type { GatewaySection } from '../config/gateway-section.ts';
import { ListenError } from '../errors.ts';
import { renewCertificates } from './tls.ts';

/** How long connections may take to end by themselves once everything has been answered, in milliseconds. */
const LINGER_MS = 1_000;

/** A client may take either for `localhost`. */
const LOOPBACKS = ['127.0.0.1', '::1'] as const;

/** What a machine says that has no such address. */
const NO_SUCH_ADDRESS: readonly string[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** How often a port that is free on one loopback, and taken on the other, is left for another. */
const MOST_TRIES = 10;

/** A server that listens, and ends in order. */
export class HttpServer {
  readonly #server: Server;
  /** Listens on the second loopback; its connections are the server's own. */
  #second: NetServer | undefined;

  constructor(server: Server) {
    this.#server = server;
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

  /** Ends all connections. */
  async close(): Promise<void> {
    const servers = this.#second ? [this.#server, this.#second] : [this.#server];
    for (const server of servers) server.close();
    const linger = setTimeout(() => this.#server.closeAllConnections(), LINGER_MS);
    this.#server.closeIdleConnections();
    await Promise.all(servers.map((server) => once(server, 'close').catch(() => {})));
    clearTimeout(linger);
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

/** False where the machine has no such address. */
async function isThere(listened: Promise<void>): Promise<boolean> {
  try {
    await listened;
    return true;
  } catch (error) {
    if (NO_SUCH_ADDRESS.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
