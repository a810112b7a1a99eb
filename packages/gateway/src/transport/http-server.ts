import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewaySection } from '../config/gateway-section.ts';
import { ListenError } from '../errors.ts';
import { renewCertificates } from './tls.ts';

/** How long connections may take to end by themselves once everything has been answered, in milliseconds. */
const LINGER_MS = 1_000;

/** A server that listens, and ends in order. */
export class HttpServer {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** @throws GATEWAY_LISTEN */
  async listen(host: string, port: number, scheme: 'http' | 'https'): Promise<{ readonly url: string }> {
    try {
      this.#server.listen(port, host);
      await once(this.#server, 'listening');
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
    this.#server.close();
    const linger = setTimeout(() => this.#server.closeAllConnections(), LINGER_MS);
    this.#server.closeIdleConnections();
    await once(this.#server, 'close').catch(() => {});
    clearTimeout(linger);
  }
}
