import { UpstreamRefusedError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import { MetaKey } from '../protocol/era.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { RpcError } from '../protocol/rpc-error.ts';
import type { Connection } from './connection.ts';

/** How long a server may take to say that it has taken a stream on, before it is believed to have. */
const ACKNOWLEDGED_MS = 5_000;

/** The pause before a stream that has ended is asked for again; doubled each time, until one has lived for the longest. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export interface ListenStreamOptions {
  readonly connection: Pick<Connection, 'request' | 'endReason'>;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly onMessage: (message: Message) => void;
  /** It had ended and is open again: what has changed in between was not told. */
  readonly onMissed: () => void;
}

/**
 * A stream of changes that a modern server was asked for. Servers and proxies end such streams now and then: it is asked for
 * again for as long as the connection lives, and nothing else on the connection is disturbed. Source: MCP specification
 * 2026-07-28, "Subscriptions".
 */
export class ListenStream {
  /** Resolves when the server has taken it on, or says nothing of it. Rejects with the server's error where it refuses. */
  readonly acknowledged: Promise<void>;
  readonly #options: ListenStreamOptions;
  readonly #closing = new Cancellation();
  readonly #acknowledge: () => void;
  readonly #refuse: (error: unknown) => void;
  #timer: NodeJS.Timeout;
  #pauseMs = FIRST_PAUSE_MS;
  #isAgain = false;
  /** Whether the server has said that it will tell of nothing. */
  #isEmpty = false;

  constructor(options: ListenStreamOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.acknowledged = promise;
    this.#acknowledge = resolve;
    this.#refuse = reject;
    promise.catch(() => {}); // heard by those who wait for it
    this.#timer = setTimeout(resolve, ACKNOWLEDGED_MS);
    this.#timer.unref();
    void this.#ask();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closing.cancel(new Error('no longer wanted'));
  }

  async #ask(): Promise<void> {
    const { connection, filter } = this.#options;
    const params = ObjectText.from({ notifications: filter });
    const take = (message: Message): boolean => this.#take(message);
    try {
      await connection.request({ method: 'subscriptions/listen', params }, { cancellation: this.#closing, take });
    } catch (error) {
      if (error instanceof RpcError || error instanceof UpstreamRefusedError) {
        clearTimeout(this.#timer);
        this.#refuse(error);
        return;
      }
    }
    this.#acknowledge();
    clearTimeout(this.#timer);
    if (this.#closing.cancelled || connection.endReason !== undefined || this.#isEmpty) return;
    this.#isAgain = true;
    this.#timer = setTimeout(() => void this.#ask(), this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
  }

  #take({ method, params }: Message): boolean {
    if (method !== 'notifications/subscriptions/acknowledged') {
      this.#options.onMessage({ method, params: withoutSubscription(params) });
      return true;
    }
    const [any] = params?.object('notifications')?.keys() ?? [];
    this.#isEmpty = any === undefined;
    this.#acknowledge();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#pauseMs = FIRST_PAUSE_MS;
    }, MAX_PAUSE_MS);
    this.#timer.unref();
    if (this.#isAgain) this.#options.onMissed();
    return true;
  }
}

/** The gateway's own subscription means nothing to clients, which have theirs. */
function withoutSubscription(params: ObjectText | undefined): ObjectText | undefined {
  const meta = params?.object('_meta');
  if (!params || !meta?.has(MetaKey.subscriptionId)) return params;
  const rest = meta.without(MetaKey.subscriptionId);
  const [more] = rest.keys();
  const bare = more === undefined ? params.without('_meta') : params.with('_meta', rest);
  return bare.byteLength === 2 ? undefined : bare;
}
