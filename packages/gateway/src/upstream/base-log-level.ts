import type { Connection } from './connection.ts';
import { type Peer, severity } from './peer.ts';

/**
 * The log level of a connection that many clients share: the least severe that any of them wants. What one of them does
 * not want is held back for that one.
 */
export class BaseLogLevel {
  readonly #wanted = new Map<string, string>();
  readonly #connection: () => Connection | undefined;
  #set: string | undefined;

  constructor(connection: () => Connection | undefined) {
    this.#connection = connection;
  }

  async set(peer: Peer): Promise<void> {
    if (peer.logLevel === undefined) return;
    this.#wanted.set(peer.key, peer.logLevel);
    await this.#apply();
  }

  forget(peer: Peer): void {
    this.#wanted.delete(peer.key);
  }

  /** Says it again on a new connection. */
  async renew(): Promise<void> {
    this.#set = undefined;
    await this.#apply();
  }

  async #apply(): Promise<void> {
    const connection = this.#connection();
    const [lowest] = [...this.#wanted.values()].sort((a, b) => severity(a) - severity(b));
    if (!connection || connection.modern || connection.capabilities.logging === undefined) return;
    if (lowest === undefined || lowest === this.#set) return;
    this.#set = lowest;
    await connection.request({ method: 'logging/setLevel', params: { level: lowest } }, AbortSignal.timeout(60_000));
  }
}
