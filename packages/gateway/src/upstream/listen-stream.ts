import { Cancellation } from '../protocol/cancellation.ts';
import { MetaKey } from '../protocol/era.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Connection } from './connection.ts';

/** A stream of changes that a modern server was asked for. Source: MCP specification 2026-07-28, "Subscriptions". */
export class ListenStream {
  /** Resolves when the server has ended it, or it broke; never where it was closed from here. */
  readonly ended: Promise<void>;
  /** Resolves when the server has taken it on, or it has ended. */
  readonly acknowledged: Promise<void>;
  readonly #closing = new Cancellation();

  constructor(connection: Connection, filter: Readonly<Record<string, unknown>>, onMessage: (message: Message) => void) {
    const { promise: acknowledged, resolve: acknowledge } = Promise.withResolvers<void>();
    this.acknowledged = acknowledged;
    const take = ({ method, params }: Message): boolean => {
      if (method === 'notifications/subscriptions/acknowledged') acknowledge();
      else onMessage({ method, params: withoutSubscription(params) });
      return true;
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const params = ObjectText.from({ notifications: filter });
    const end = (): void => {
      acknowledge();
      if (!this.#closing.cancelled) resolve();
    };
    connection
      .request({ method: 'subscriptions/listen', params }, { cancellation: this.#closing, take })
      .then(end, end);
  }

  close(): void {
    this.#closing.cancel(new Error('no longer wanted'));
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
