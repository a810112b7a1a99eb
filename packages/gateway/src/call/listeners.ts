import { ceilingReached } from '../ceilings.ts';
import { MetaKey } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Caller } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Endpoint } from './endpoint.ts';
import type { StrayFrames } from './stray-frames.ts';
import type { Subscriptions } from './subscriptions.ts';

/** The changes a client can listen to, by the notification that tells of each. */
const FILTERS: Readonly<Record<string, { readonly flag: string; readonly area: string }>> = {
  'notifications/tools/list_changed': { flag: 'toolsListChanged', area: 'tools' },
  'notifications/prompts/list_changed': { flag: 'promptsListChanged', area: 'prompts' },
  'notifications/resources/list_changed': { flag: 'resourcesListChanged', area: 'resources' },
};

/** Resources that one client may listen to, and of which servers are asked at the same time. */
const MAX_WATCHED = 1_000;
const WATCHED_AT_ONCE = 16;

/** Largest request to listen, in bytes: it is kept whole for as long as its stream is open. */
const MAX_LISTEN_BYTES = 1_048_576;

interface Listener {
  /** Its name among the subscriptions. */
  readonly key: string;
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  readonly methods: ReadonlySet<string>;
  end(): void;
}

/** The modern clients that listen to changes. Source: MCP specification 2026-07-28, "Subscriptions". */
export class Listeners {
  readonly #open = new Set<Listener>();
  readonly #subscriptions: Subscriptions;
  readonly #frames: StrayFrames;
  readonly #most: number;
  #count = 0;
  #size = 0;

  /** @param most - Streams of changes that may be open at once. */
  constructor(subscriptions: Subscriptions, frames: StrayFrames, most: number) {
    this.#subscriptions = subscriptions;
    this.#frames = frames;
    this.#most = most;
  }

  /**
   * Tells a client of changes until it goes, or is told that there will be no more.
   *
   * @throws RpcError -32602 for a request without a filter, or one that is too large; -32603 where too many listen already.
   */
  async listen(exchange: Exchange, endpoint: Endpoint): Promise<ObjectText> {
    const { params } = exchange.message;
    const filter = params?.object('notifications');
    if (!filter || !isFilter(filter)) {
      throw RpcError.of(
        RpcCode.invalidParams,
        "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter",
      );
    }
    if (params && params.byteLength > MAX_LISTEN_BYTES) {
      ceilingReached('subscriptions');
      const problem = `a request to listen has at most ${MAX_LISTEN_BYTES} bytes, and this one has ${params.byteLength}`;
      throw RpcError.of(RpcCode.invalidParams, `Invalid params: ${problem}`);
    }
    if (this.#size >= this.#most) {
      ceilingReached('change-streams');
      throw RpcError.of(RpcCode.internalError, 'Subscription limit reached');
    }
    this.#size++;
    try {
      return await this.#listen(exchange, endpoint, filter);
    } finally {
      this.#size--;
    }
  }

  async #listen(exchange: Exchange, endpoint: Endpoint, filter: ObjectText): Promise<ObjectText> {
    const { capabilities } = await endpoint.introduction(exchange.peer);
    const honored = honoredOf(filter, capabilities);
    const key = `listen:${++this.#count}`;
    const uris = (honored.value('resourceSubscriptions') ?? []) as readonly string[];
    if (uris.length > MAX_WATCHED) {
      ceilingReached('subscriptions');
      const problem = `'resourceSubscriptions' names ${uris.length} resources, and a client may listen to ${MAX_WATCHED}`;
      throw RpcError.of(RpcCode.invalidParams, `Invalid params: ${problem}`);
    }
    const watched = await this.#watch(key, uris, exchange, endpoint);
    const { promise, resolve } = Promise.withResolvers<void>();
    const methods = new Set(Object.keys(FILTERS).filter((method) => honored.has(FILTERS[method]?.flag ?? '')));
    const listener = { key, exchange, endpoint, methods, end: resolve };
    this.#open.add(listener);
    const forget = exchange.cancellation.onCancel(() => resolve());
    const agreed = watched.length === uris.length ? honored : withUris(honored, watched);
    const acknowledged = ObjectText.EMPTY.with('notifications', agreed);
    tell(exchange, { method: 'notifications/subscriptions/acknowledged', params: acknowledged });
    const [any] = honored.keys();
    if (any === undefined) resolve();
    await promise;
    forget();
    this.#open.delete(listener);
    this.#subscriptions.forget(key);
    return ObjectText.EMPTY.with('_meta', ObjectText.EMPTY.with(MetaKey.subscriptionId, exchange.id));
  }

  /**
   * A change of a server's lists, for all who listen where it can be seen.
   *
   * @param isOfTools - Whether it is of interest only to those who are shown the servers' tools. @default false
   */
  publish(upstream: Upstream, message: Message, isOfTools = false): void {
    this.#tell(upstream, message, ({ methods, endpoint, exchange }) => {
      return methods.has(message.method) && (!isOfTools || endpoint.listsTools(exchange.peer.caller));
    });
  }

  /** An update of a resource, for those who listen to it. */
  resourceUpdated(upstream: Upstream, message: Message, source: object): void {
    const uri = message.params?.text('uri') ?? '';
    this.#tell(upstream, message, ({ key }) => this.#subscriptions.has(key, upstream, uri, source));
  }

  /** Either of these, for the clients of one caller. */
  tellCaller(upstream: Upstream, message: Message, caller: Caller): void {
    const uri = message.params?.text('uri') ?? '';
    const isUpdate = message.method === 'notifications/resources/updated';
    const isOfTools = message.method === 'notifications/tools/list_changed';
    this.#tell(upstream, message, ({ key, methods, exchange, endpoint }) => {
      if (exchange.peer.caller.name !== caller.name) return false;
      if (isOfTools && !endpoint.listsTools(exchange.peer.caller)) return false;
      return isUpdate ? this.#subscriptions.has(key, upstream, uri) : methods.has(message.method);
    });
  }

  /** Ends the streams of these callers. */
  endWhere(matches: (caller: Caller) => boolean): void {
    for (const { exchange, end } of this.#open) if (matches(exchange.peer.caller)) end();
  }

  closeAll(): void {
    this.endWhere(() => true);
  }

  #tell(upstream: Upstream, message: Message, isWanted: (listener: Listener) => boolean): void {
    for (const listener of this.#open) {
      if (!isWanted(listener)) continue;
      const { exchange, endpoint } = listener;
      const sees = endpoint.visibleTo(exchange.peer.caller).some((served) => served.upstream === upstream);
      const deliver = (passed: Message): void => tell(exchange, passed);
      if (sees) this.#frames.down(upstream.name, exchange.peer, message, deliver, exchange);
    }
  }

  /** Those of the resources whose changes will be told. A server that refuses reports nothing; the stream itself stays open. */
  async #watch(
    key: string,
    uris: readonly string[],
    { peer, cancellation }: Exchange,
    endpoint: Endpoint,
  ): Promise<readonly string[]> {
    if (uris.length === 0) return uris;
    const catalog = await endpoint.catalog(peer);
    const refused = new Set(uris);
    // Each is a request of its own to a server, so that not all are sent at once.
    for (let from = 0; from < uris.length; from += WATCHED_AT_ONCE) {
      await Promise.allSettled(
        uris.slice(from, from + WATCHED_AT_ONCE).map(async (uri) => {
          const owner = catalog.ownerOf(uri);
          if (!owner) return;
          await this.#subscriptions.add({ client: key, peer, endpoint }, owner, uri, cancellation);
          refused.delete(uri);
        }),
      );
    }
    return uris.filter((uri) => !refused.has(uri));
  }
}

/** Every notification of a subscription says whose it is. */
function tell(exchange: Exchange, { method, params = ObjectText.EMPTY }: Message): void {
  const meta = (params.object('_meta') ?? ObjectText.EMPTY).with(MetaKey.subscriptionId, exchange.id);
  exchange.notify({ method, params: params.with('_meta', meta) });
}

function isFilter(filter: ObjectText): boolean {
  const isFlag = (flag: string): boolean => !filter.has(flag) || typeof filter.value(flag) === 'boolean';
  const uris = filter.value('resourceSubscriptions') ?? [];
  const areUris = Array.isArray(uris) && uris.every((uri) => typeof uri === 'string');
  return Object.values(FILTERS).every(({ flag }) => isFlag(flag)) && areUris;
}

function withUris(filter: ObjectText, uris: readonly string[]): ObjectText {
  return uris.length > 0 ? filter.withValue('resourceSubscriptions', uris) : filter.without('resourceSubscriptions');
}

/** What of a filter can be delivered. */
function honoredOf(filter: ObjectText, capabilities: ObjectText): ObjectText {
  let honored: ObjectText = ObjectText.EMPTY;
  for (const { flag, area } of Object.values(FILTERS)) {
    const isOffered = capabilities.object(area)?.value('listChanged') === true;
    if (filter.value(flag) === true && isOffered) honored = honored.withValue(flag, true);
  }
  const uris = filter.value('resourceSubscriptions') as readonly string[] | undefined;
  const canSubscribe = capabilities.object('resources')?.value('subscribe') === true;
  return canSubscribe && uris && uris.length > 0 ? honored.withValue('resourceSubscriptions', uris) : honored;
}
