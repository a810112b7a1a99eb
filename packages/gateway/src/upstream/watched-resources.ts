import { Cancellation } from '../protocol/cancellation.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { Connection } from './connection.ts';
import { ListenStream } from './listen-stream.ts';

/**
 * The resources of one server that somebody wants to hear about. Clients subscribe at the gateway, and the gateway once
 * at the server, whatever their number.
 */
export class WatchedResources {
  readonly #counts = new Map<string, number>();
  readonly #streams = new Map<string, ListenStream>();
  readonly #connection: () => Connection | undefined;
  readonly #onError: (error: Error) => void;
  readonly #onMessage: (message: Message) => void;

  constructor(
    connection: () => Connection | undefined,
    onError: (error: Error) => void,
    onMessage: (message: Message) => void,
  ) {
    this.#connection = connection;
    this.#onError = onError;
    this.#onMessage = onMessage;
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
    if (connection.isModern) {
      if (!canSubscribe(connection)) throw RpcError.of(RpcCode.methodNotFound, 'Method not found');
      const stream = new ListenStream({
        connection,
        filter: { resourceSubscriptions: [uri] },
        onMessage: this.#onMessage,
        onMissed: () =>
          this.#onMessage({ method: 'notifications/resources/updated', params: ObjectText.from({ uri }) }),
      });
      this.#streams.set(uri, stream);
      await stream.acknowledged;
    } else await askToWatch(connection, 'resources/subscribe', uri);
  }

  async #unsubscribe(uri: string): Promise<void> {
    const stream = this.#streams.get(uri);
    this.#streams.delete(uri);
    const connection = this.#connection();
    if (stream) stream.close();
    else if (connection) await askToWatch(connection, 'resources/unsubscribe', uri);
  }
}

function canSubscribe({ facts }: Connection): boolean {
  return facts.capabilities.object('resources')?.value('subscribe') === true;
}

/** @throws the server's error when it refuses. */
export async function askToWatch(
  connection: Connection,
  method: 'resources/subscribe' | 'resources/unsubscribe',
  uri: string,
): Promise<void> {
  await connection.request({ method, params: ObjectText.from({ uri }) }, { cancellation: new Cancellation() });
}
