import type { Upstream } from '../upstream/upstream.ts';
import type { Served } from './served.ts';

/** Which client wants to hear about which resource of which server. */
export class Subscriptions {
  readonly #byClient = new Map<string, Map<string, Upstream>>();

  /** @throws the server's error when it refuses. */
  async add(client: string, { upstream }: Served, uri: string): Promise<void> {
    const wanted = this.#byClient.get(client) ?? new Map<string, Upstream>();
    if (wanted.has(uri)) return;
    this.#byClient.set(client, wanted.set(uri, upstream));
    try {
      await upstream.watch(uri);
    } catch (error) {
      wanted.delete(uri);
      throw error;
    }
  }

  remove(client: string, uri: string): void {
    const wanted = this.#byClient.get(client);
    wanted?.get(uri)?.unwatch(uri);
    wanted?.delete(uri);
  }

  has(client: string, upstream: Upstream, uri: string): boolean {
    return this.#byClient.get(client)?.get(uri) === upstream;
  }

  /** The client has gone. */
  forget(client: string): void {
    for (const [uri, upstream] of this.#byClient.get(client) ?? []) upstream.unwatch(uri);
    this.#byClient.delete(client);
  }
}
