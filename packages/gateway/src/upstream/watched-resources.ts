import type { Cancellation } from '../protocol/cancellation.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { askToWatch, type WatchLimit } from './ask-to-watch.ts';
import type { Connection } from './connection.ts';
import { JointWork } from './joint-work.ts';
import { ListenStream } from './listen-stream.ts';

export interface WatchedResourcesOptions {
  readonly limit: WatchLimit;
  /** The connection that is open now. */
  readonly connection: () => Connection | undefined;
  readonly onError: (error: Error) => void;
  readonly onMessage: (message: Message) => void;
}

/** One resource, and for how many it is watched. */
class Watched {
  readonly uri: string;
  readonly asked: JointWork<void>;
  count = 0;
  /** On a modern server. */
  stream: ListenStream | undefined;

  constructor(uri: string, ask: (watched: Watched, cancellation: Cancellation) => Promise<void>) {
    this.uri = uri;
    this.asked = new JointWork((cancellation) => ask(this, cancellation));
  }
}

/**
 * The resources of one server that somebody wants to hear about. Clients subscribe at the gateway, and the gateway once
 * at the server, whatever their number: all of them wait for its answer.
 */
export class WatchedResources {
  readonly #all = new Map<string, Watched>();
  readonly #options: WatchedResourcesOptions;

  constructor(options: WatchedResourcesOptions) {
    this.#options = options;
  }

  /**
   * Watches a resource for one more. The function it answers ends that.
   *
   * @throws the server's error when it refuses, for everybody who waits; GATEWAY_DEADLINE; the reason of the cancellation.
   */
  async add(uri: string, cancellation: Cancellation): Promise<() => void> {
    cancellation.throwIfCancelled();
    const watched = this.#all.get(uri) ?? new Watched(uri, (added, unwanted) => this.#subscribe(added, unwanted));
    this.#all.set(uri, watched);
    watched.count++;
    try {
      await watched.asked.wait(cancellation);
    } catch (error) {
      this.#leave(watched);
      throw error;
    }
    return () => this.#leave(watched);
  }

  /** Subscribes to everything again on a new connection. */
  async renew(): Promise<void> {
    const { onError } = this.#options;
    await Promise.all([...this.#all.values()].map((watched) => this.#subscribe(watched).catch(onError)));
  }

  /** Says of everything that it may have changed: the server could not tell for a while. */
  missed(): void {
    for (const uri of this.#all.keys()) this.#tell(uri);
  }

  #tell(uri: string): void {
    this.#options.onMessage({ method: 'notifications/resources/updated', params: ObjectText.from({ uri }) });
  }

  #leave(watched: Watched): void {
    const { uri } = watched;
    watched.count--;
    if (watched.count > 0 || this.#all.get(uri) !== watched) return;
    this.#all.delete(uri);
    watched.asked.outcome
      .then(
        () => this.#unsubscribe(watched),
        () => {}, // a server that has not taken it on has nothing to end
      )
      .catch(this.#options.onError);
  }

  async #subscribe(watched: Watched, cancellation?: Cancellation): Promise<void> {
    const { limit, onMessage, connection: current } = this.#options;
    const { uri } = watched;
    const connection = current();
    if (!connection) return; // `renew` does it when the server is back
    if (!connection.isModern) return askToWatch(connection, 'resources/subscribe', uri, limit, cancellation);
    if (!canSubscribe(connection)) throw RpcError.of(RpcCode.methodNotFound, 'Method not found');
    const stream = new ListenStream({
      connection,
      filter: { resourceSubscriptions: [uri] },
      onMessage,
      onMissed: () => this.#tell(uri),
    });
    watched.stream = stream;
    const forget = cancellation?.onCancel(() => stream.close());
    await stream.acknowledged.finally(forget);
  }

  async #unsubscribe({ uri, stream }: Watched): Promise<void> {
    if (stream) return stream.close();
    const { limit, connection: current } = this.#options;
    const connection = current();
    // Somebody may want it again by now, and has asked for it already.
    if (!connection || this.#all.has(uri)) return;
    await askToWatch(connection, 'resources/unsubscribe', uri, limit);
  }
}

function canSubscribe({ facts }: Connection): boolean {
  return facts.capabilities.object('resources')?.value('subscribe') === true;
}
