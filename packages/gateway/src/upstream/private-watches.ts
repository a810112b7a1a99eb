import type { Cancellation } from '../protocol/cancellation.ts';
import type { Peer } from '../protocol/peer.ts';
import { askToWatch, type WatchLimit } from './ask-to-watch.ts';
import type { Connection } from './connection.ts';
import type { PrivateConnections } from './private-connections.ts';
import type { Watch } from './upstream.ts';

/** The resources that clients watch on connections of their own, which tell them by themselves. */
export class PrivateWatches {
  readonly #bySession = new Map<string, Set<string>>();
  readonly #connections: PrivateConnections;
  readonly #limit: WatchLimit;
  readonly #onError: (error: Error) => void;

  constructor(connections: PrivateConnections, limit: WatchLimit, onError: (error: Error) => void) {
    this.#connections = connections;
    this.#limit = limit;
    this.#onError = onError;
  }

  /** @throws the server's error when it refuses; GATEWAY_DEADLINE; the reason of the cancellation. */
  async add(uri: string, peer: Peer, connection: Connection, cancellation: Cancellation): Promise<Watch> {
    await askToWatch(connection, 'resources/subscribe', uri, this.#limit, cancellation);
    const uris = this.#bySession.get(peer.key) ?? new Set();
    this.#bySession.set(peer.key, uris.add(uri));
    return { source: uris, release: () => this.#remove(uri, peer) };
  }

  /** Watches everything again on a new connection of the client. */
  async renew(peer: Peer, connection: Connection): Promise<void> {
    const uris = [...(this.#bySession.get(peer.key) ?? [])];
    await Promise.all(
      uris.map((uri) => askToWatch(connection, 'resources/subscribe', uri, this.#limit).catch(this.#onError)),
    );
  }

  forget(peer: Peer): void {
    this.#bySession.delete(peer.key);
  }

  #remove(uri: string, peer: Peer): void {
    if (!this.#bySession.get(peer.key)?.delete(uri)) return;
    void this.#connections
      .existing(peer)
      ?.then((connection) => askToWatch(connection, 'resources/unsubscribe', uri, this.#limit))
      .catch(this.#onError);
  }
}
