import type { Cancellation } from '../protocol/cancellation.ts';
import type { Peer } from '../protocol/peer.ts';
import { askToWatch, type WatchLimit } from './ask-to-watch.ts';
import type { Connection } from './connection.ts';
import type { PrivateConnections } from './private-connections.ts';
import type { Watch } from './upstream.ts';

/** The resources that clients watch on connections of their own, which tell them by themselves. */
export class PrivateWatches {
  /** By client, and by address how often it is watched. */
  readonly #byClient = new Map<string, Map<string, number>>();
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
    return { source: this.#count(uri, peer), release: () => this.#remove(uri, peer) };
  }

  /** Watches it on every connection that is opened for the client from now on, until the function it answers is called. */
  note(uri: string, peer: Peer): () => void {
    this.#count(uri, peer);
    return () => this.#remove(uri, peer);
  }

  /** Watches everything again on a new connection of the client. */
  async renew(peer: Peer, connection: Connection): Promise<void> {
    const uris = [...(this.#byClient.get(peer.key)?.keys() ?? [])];
    await Promise.all(
      uris.map((uri) => askToWatch(connection, 'resources/subscribe', uri, this.#limit).catch(this.#onError)),
    );
  }

  forget(peer: Peer): void {
    this.#byClient.delete(peer.key);
  }

  #count(uri: string, peer: Peer): object {
    const uris = this.#byClient.get(peer.key) ?? new Map<string, number>();
    this.#byClient.set(peer.key, uris.set(uri, (uris.get(uri) ?? 0) + 1));
    return uris;
  }

  #remove(uri: string, peer: Peer): void {
    const uris = this.#byClient.get(peer.key);
    const left = (uris?.get(uri) ?? 0) - 1;
    if (left > 0) uris?.set(uri, left);
    if (left !== 0) return;
    uris?.delete(uri);
    if (uris?.size === 0) this.#byClient.delete(peer.key);
    void this.#connections
      .existing(peer)
      ?.then((connection) => askToWatch(connection, 'resources/unsubscribe', uri, this.#limit))
      .catch(this.#onError);
  }
}
