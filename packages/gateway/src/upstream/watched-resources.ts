import type { McpSubscription } from '@modelcontextprotocol/client';
import type { Connection } from './connection.ts';

/**
 * The resources of one server that somebody wants to hear about. Clients subscribe at the gateway, and the gateway once
 * at the server, whatever their number.
 */
export class WatchedResources {
  readonly #counts = new Map<string, number>();
  readonly #streams = new Map<string, Promise<McpSubscription>>();
  readonly #connection: () => Connection | undefined;
  readonly #onError: (error: Error) => void;

  constructor(connection: () => Connection | undefined, onError: (error: Error) => void) {
    this.#connection = connection;
    this.#onError = onError;
  }

  /** @throws the server's error when it refuses; the count stays as it was then. */
  async add(uri: string): Promise<void> {
    const count = this.#counts.get(uri) ?? 0;
    this.#counts.set(uri, count + 1);
    if (count > 0) return;
    try {
      await this.#subscribe(uri);
    } catch (error) {
      this.#counts.delete(uri);
      throw error;
    }
  }

  remove(uri: string): void {
    const count = this.#counts.get(uri);
    if (count === undefined) return;
    if (count > 1) {
      this.#counts.set(uri, count - 1);
      return;
    }
    this.#counts.delete(uri);
    void this.#unsubscribe(uri).catch(this.#onError);
  }

  /** Subscribes to everything again on a new connection. */
  async renew(): Promise<void> {
    this.#streams.clear();
    await Promise.allSettled([...this.#counts.keys()].map((uri) => this.#subscribe(uri)));
  }

  async #subscribe(uri: string): Promise<void> {
    const connection = this.#connection();
    if (!connection) return; // `renew` does it when the server is back
    if (connection.modern) {
      const stream = connection.listen({ resourceSubscriptions: [uri] });
      this.#streams.set(uri, stream);
      // A stream that breaks takes the connection with it: what watches is renewed on the next one.
      void (await stream).closed.then((end) => (end === 'local' ? undefined : connection.close()));
    } else {
      await connection.request({ method: 'resources/subscribe', params: { uri } }, AbortSignal.timeout(60_000));
    }
  }

  async #unsubscribe(uri: string): Promise<void> {
    const stream = this.#streams.get(uri);
    this.#streams.delete(uri);
    if (stream) return (await stream).close();
    await this.#connection()?.request(
      { method: 'resources/unsubscribe', params: { uri } },
      AbortSignal.timeout(60_000),
    );
  }
}
