import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  Client,
  type ClientCapabilities,
  type Implementation,
  LOG_LEVEL_META_KEY,
  type McpSubscription,
  PROTOCOL_VERSION_META_KEY,
  type PriorDiscovery,
  ProtocolError,
  ProtocolErrorCode,
  type ServerCapabilities,
  type SubscriptionFilter,
  type Transport,
} from '@modelcontextprotocol/client';
import { toUpstreamError } from './connection-error.ts';
import { isDirect } from './direct-transport.ts';
import { type InFlight, InFlightRequests } from './in-flight.ts';
import { anything, type JsonObject, type Message, textOf } from './message.ts';
import type { Exchange, Peer } from './peer.ts';

/** Timers of the SDK are not used; this is the longest that `setTimeout` takes. */
const NEVER_MS = 2 ** 31 - 1;

/** Ids of requests that go past the SDK, which numbers its own from 0. */
const FIRST_ID = 1_000_000_000;

/** How long a program may stay silent to a question of the 2026 era before it is taken for an older one. */
const PROBE_MS = 5_000;

/** The SDK compiles output schemas to check results; a proxy hands them on unchecked. */
const noValidation = {
  getValidator: () => (data: unknown) => ({ valid: true as const, data: data as never, errorMessage: undefined }),
};

export interface ConnectionOptions {
  readonly server: string;
  readonly transport: Transport;
  readonly clientInfo: Implementation;
  readonly capabilities: ClientCapabilities;
  /** `legacy` goes straight to `initialize`; `auto` asks first. */
  readonly era: 'auto' | PriorDiscovery;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A notification; `exchange` where it belongs to a request, `undecided` where it may belong to several. */
  onNotification(message: Message, exchange: Exchange | undefined, undecided: boolean): void;
  /** A question that belongs to no request that could be told. */
  onStrayRequest(message: Message, signal: AbortSignal): Promise<JsonObject>;
  onError(error: Error): void;
}

/** One connection to an MCP server. Requests and results pass through it as they are. */
export class Connection {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #client: Client;
  readonly #inFlight = new InFlightRequests();
  readonly #progress = new Map<string, Exchange>();
  #tokens = 0;
  #ids = FIRST_ID;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    const { capabilities, clientInfo, era } = options;
    this.#client = new Client(clientInfo, {
      capabilities,
      jsonSchemaValidator: noValidation,
      inputRequired: { autoFulfill: false },
      ...(era === 'auto' && { versionNegotiation: { mode: 'auto', probe: { timeoutMs: PROBE_MS } } }),
    });
    this.#client.onclose = () => {
      this.#inFlight.loseAll();
      resolve();
    };
    this.#client.onerror = options.onError;
    this.#client.setNotificationHandler('notifications/progress', { params: anything }, (params) =>
      this.#report(params),
    );
    const ownStreams = options.transport.hasPerRequestStream === true;
    this.#client.fallbackNotificationHandler = async (message) => {
      const exchange = this.#inFlight.attribute(ownStreams)?.exchange;
      const undecided = exchange === undefined && !ownStreams && this.#inFlight.size > 1;
      options.onNotification(message as Message, exchange, undecided);
    };
    this.#client.fallbackRequestHandler = ({ method, params }, { mcpReq: { signal } }) => {
      const message = { method, params: params as JsonObject | undefined };
      const exchange = this.#inFlight.attribute(ownStreams)?.exchange;
      return exchange ? exchange.ask(message, signal) : options.onStrayRequest(message, signal);
    };
  }

  /** @throws whatever the transport or the handshake throws; nothing stays open then. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    const { transport, era, timeoutMs, signal } = options;
    try {
      await InFlightRequests.outside(() =>
        connection.#client.connect(transport, {
          timeout: timeoutMs,
          signal,
          ...(era !== 'auto' && { prior: era }),
        }),
      );
      passAnswersBy(transport);
      return connection;
    } catch (error) {
      await transport.close().catch(() => {});
      throw error;
    }
  }

  get modern(): boolean {
    return this.#client.getProtocolEra() === 'modern';
  }

  get capabilities(): ServerCapabilities {
    return this.#client.getServerCapabilities() ?? {};
  }

  get serverInfo(): Implementation | undefined {
    return this.#client.getServerVersion();
  }

  get instructions(): string | undefined {
    return this.#client.getInstructions();
  }

  /** What was found out about the server's era; saves the question when it is connected to again. */
  get prior(): PriorDiscovery {
    const discover = this.#client.getDiscoverResult();
    return this.modern && discover ? { kind: 'modern', discover } : { kind: 'legacy' };
  }

  /** @throws the server's own JSON-RPC error, or GATEWAY_UPSTREAM_LOST, GATEWAY_UPSTREAM_REFUSED. */
  async request(
    message: Message,
    signal: AbortSignal,
    exchange?: Exchange,
    headers?: Readonly<Record<string, string>>,
  ): Promise<JsonObject> {
    const token = exchange?.progressToken === undefined ? undefined : `lockgate-${this.#tokens++}`;
    if (token !== undefined && exchange) this.#progress.set(token, exchange);
    signal.throwIfAborted();
    const ending = new AbortController();
    const cancel = (): void => ending.abort(signal.reason);
    signal.addEventListener('abort', cancel, { once: true });
    let lost = false;
    const inFlight: InFlight = {
      exchange,
      lost: () => {
        lost = true;
        ending.abort();
      },
    };
    const { method } = message;
    const params = this.#withMeta(message.params, exchange, token);
    const asked = { method, ...(params && { params }) };
    try {
      return await this.#inFlight.run(inFlight, () => this.#ask(asked, ending.signal, inFlight.lost, headers));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const { error: told, broken } = toUpstreamError(error, this.#options.server, method, lost);
      if (broken) void this.close();
      throw told;
    } finally {
      signal.removeEventListener('abort', cancel);
      if (token !== undefined) this.#progress.delete(token);
    }
  }

  async #ask(
    message: Message,
    signal: AbortSignal,
    onLost: () => void,
    headers: Readonly<Record<string, string>> | undefined,
  ): Promise<JsonObject> {
    const { transport } = this.#options;
    const client = this.#client;
    if (!isDirect(transport)) {
      return client.request(message, anything, { signal, timeout: NEVER_MS, allowInputRequired: true });
    }
    const id = this.#ids++;
    const cancel = (): void => {
      const params = { requestId: id, reason: String(signal.reason) };
      void client.notification({ method: 'notifications/cancelled', params }).catch(this.#options.onError);
    };
    // A request of the 2026 era over HTTP is cancelled by closing its connection.
    const cancels = !(this.modern && transport.hasPerRequestStream);
    if (cancels) signal.addEventListener('abort', cancel, { once: true });
    try {
      const result = await transport.ask({ jsonrpc: '2.0', id, ...message }, { signal, headers, onLost });
      // The mark of a result that is whole; clients of either era get theirs from the front.
      if (result.resultType === 'complete') delete result.resultType;
      return result;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async notify(message: Message): Promise<void> {
    await this.#client.notification(message as Parameters<Client['notification']>[0]);
  }

  /** Opens a stream of changes; only servers of the 2026 era have it. */
  listen(filter: SubscriptionFilter): Promise<McpSubscription> {
    return InFlightRequests.outside(() => this.#client.listen(filter));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Servers of the 2026 era learn with each request who asks; older ones learnt it in the handshake. */
  #withMeta(params: JsonObject | undefined, exchange: Exchange | undefined, token: string | undefined) {
    if (!this.modern && token === undefined && exchange?.progressToken === undefined) return params;
    const { progressToken: _, ...meta } = (params?._meta ?? {}) as JsonObject;
    const progress = token === undefined ? undefined : { progressToken: token };
    const envelope = this.modern ? { ...this.#envelope(), ...identity(exchange?.peer) } : undefined;
    return { ...params, _meta: { ...meta, ...progress, ...envelope } };
  }

  /** What each request of the 2026 era says of its sender. */
  #envelope(): JsonObject {
    return {
      [PROTOCOL_VERSION_META_KEY]: this.#client.getNegotiatedProtocolVersion(),
      [CLIENT_INFO_META_KEY]: this.#options.clientInfo,
      [CLIENT_CAPABILITIES_META_KEY]: this.#options.capabilities,
    };
  }

  #report(params: JsonObject): void {
    const exchange = this.#progress.get(textOf(params.progressToken));
    if (!exchange) return;
    void exchange.notify({
      method: 'notifications/progress',
      params: { ...params, progressToken: exchange.progressToken },
    });
  }
}

function identity(peer: Peer | undefined): JsonObject {
  if (!peer) return {};
  // A client of the 2025 era that has not chosen a level gets what the server sends; none would mean silence.
  const level = peer.logLevel ?? (peer.era === 'legacy' ? 'debug' : undefined);
  return {
    [CLIENT_CAPABILITIES_META_KEY]: peer.capabilities,
    ...(peer.clientInfo && { [CLIENT_INFO_META_KEY]: peer.clientInfo }),
    ...(level !== undefined && { [LOG_LEVEL_META_KEY]: level }),
  };
}

/** Answers to requests that went past the SDK go past it as well. */
function passAnswersBy(transport: Transport): void {
  if (!isDirect(transport)) return;
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    if (!transport.take(message)) onmessage?.(message, extra);
  };
}

/** The answer to a question that no client is there to answer. */
export async function nobodyToAsk({ method }: Message): Promise<never> {
  throw new ProtocolError(ProtocolErrorCode.MethodNotFound, `No client is there to answer "${method}"`);
}
