import {
  createMcpHandler,
  InMemoryServerEventBus,
  type McpHttpHandler,
  ProtocolErrorCode,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import type { Subscriptions } from '../call/subscriptions.ts';
import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import { isObject, type JsonObject, textOf } from '../upstream/message.ts';
import { headerMismatch } from '../upstream/param-headers.ts';
import type { Caller } from '../upstream/peer.ts';
import { silentPeer } from '../upstream/silent-peer.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { createFront, modernPeer } from './front.ts';
import { errorResponse, type TextAnswer } from './http-message.ts';
import { answerPlainHttpCall, isPlainHttpCall } from './plain-http-call.ts';

export interface ModernRequest {
  readonly request: Request;
  /** Ends the exchange; its signal is the request's, and always ends with it. */
  readonly over: AbortController;
  readonly body: unknown;
  readonly dispatcher: Dispatcher;
  readonly caller: Caller;
}

interface Entry {
  readonly handler: McpHttpHandler;
  /** Exchanges that the handler knows nothing of. */
  readonly calls: Set<AbortController>;
  readonly dispatcher: Dispatcher;
  readonly caller: Caller;
}

/** The JSON-RPC code of a header that contradicts the body. */
const HEADER_MISMATCH = -32_020;

/** Callers with rights of their own for which streams of changes are kept apart. */
const MAX_ENTRIES = 256;

/** Streamable HTTP without sessions: each request of the 2026 era stands for itself. */
export class ModernHttp {
  readonly #entries = new Map<string, Entry>();
  readonly #subscriptions: Subscriptions;
  readonly #logger: Logger;
  readonly #maxSubscriptions: number;
  #streams = 0;

  constructor(subscriptions: Subscriptions, logger: Logger, maxSubscriptions: number) {
    this.#subscriptions = subscriptions;
    this.#logger = logger;
    this.#maxSubscriptions = maxSubscriptions;
  }

  async serve({ request, over, body, dispatcher, caller }: ModernRequest): Promise<Response | TextAnswer> {
    const { handler, calls } = this.#entryOf(dispatcher, caller);
    if (!isObject(body)) return handler.fetch(request, { parsedBody: body });
    if (body.method === 'tools/call') {
      const wrong = await this.#headerMismatch(request, body, dispatcher, caller);
      if (wrong !== undefined) return errorResponse(400, HEADER_MISMATCH, `Header mismatch: ${wrong}`, {}, body.id);
      if (isPlainHttpCall(body, request.headers)) {
        calls.add(over);
        over.signal.addEventListener('abort', () => calls.delete(over), { once: true });
        return answerPlainHttpCall(body, over.signal, dispatcher, modernPeer(keyOf(caller), caller, body.params._meta));
      }
    }
    if (!dispatcher.knows(textOf(body.method), caller))
      return unknownAs404(await handler.fetch(request, { parsedBody: body }));
    const uris = listenedUris(body);
    if (uris.length === 0) return handler.fetch(request, { parsedBody: body });
    const key = `listen:${this.#streams++}`;
    const end = (): void => this.#subscriptions.forget(key);
    await this.#watch(key, uris, dispatcher, caller);
    const response = await handler.fetch(request, { parsedBody: body });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) end();
    else request.signal.addEventListener('abort', end, { once: true });
    return response;
  }

  async #headerMismatch({ headers }: Request, { params }: JsonObject, { endpoint }: Dispatcher, caller: Caller) {
    if (!isObject(params)) return undefined;
    const tool = (await endpoint.catalog(silentPeer('', caller))).tool(textOf(params.name));
    return tool && headerMismatch(tool.item, params.arguments, headers);
  }

  /** Tells everybody who listens at an endpoint where the server can be seen. */
  publish(upstream: Upstream, event: ServerEvent): void {
    for (const { handler, dispatcher, caller } of this.#entries.values()) {
      const sees = dispatcher.endpoint.visibleTo(caller).some((served) => served.upstream === upstream);
      if (sees) handler.bus.publish(event);
    }
  }

  /** Ends what is open for the callers of whom this is true. */
  async endWhere(matches: (caller: Caller) => boolean): Promise<void> {
    const ending = [...this.#entries].filter(([, { caller }]) => matches(caller));
    for (const [key] of ending) this.#entries.delete(key);
    await Promise.allSettled(ending.map(([, entry]) => end(entry)));
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#entries.values()].map(end));
  }

  #entryOf(dispatcher: Dispatcher, caller: Caller): Entry {
    const key = JSON.stringify([dispatcher.endpoint.server ?? null, caller.name, caller.servers ?? null]);
    const known = this.#entries.get(key);
    if (known) return known;
    const onerror = (error: Error): void => this.#logger.debug({ error: error.message }, 'request was refused');
    const handler = createMcpHandler(
      () => createFront({ dispatcher, caller, key: keyOf(caller), era: 'modern' }).server,
      { legacy: 'reject', bus: new InMemoryServerEventBus(onerror), maxSubscriptions: this.#maxSubscriptions, onerror },
    );
    const entry = { handler, dispatcher, caller, calls: new Set<AbortController>() };
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  async #watch(key: string, uris: readonly string[], dispatcher: Dispatcher, caller: Caller): Promise<void> {
    const catalog = await dispatcher.endpoint.catalog(silentPeer(key, caller));
    await Promise.allSettled(
      uris.map(async (uri) => {
        const owner = catalog.ownerOf(uri);
        if (owner) await this.#subscriptions.add(key, owner, uri);
      }),
    );
  }
}

async function end({ handler, calls }: Entry): Promise<void> {
  for (const over of calls) over.abort(ENDED);
  await handler.close();
}

const ENDED = new Error('the gateway has ended the exchange');

/** Without sessions, what a client has to itself belongs to whoever it is. */
const keyOf = ({ name }: Caller): string => `stateless:${name}`;

/** Source: MCP specification 2026-07-28, "Transports": a method that is not there is not found over HTTP either. */
async function unknownAs404(response: Response): Promise<Response> {
  if (response.status !== 200 || !response.headers.get('content-type')?.startsWith('application/json')) return response;
  const text = await response.text();
  const answer = parseJson(text);
  const unknown = isObject(answer) && isObject(answer.error) && answer.error.code === ProtocolErrorCode.MethodNotFound;
  return new Response(text, { status: unknown ? 404 : 200, headers: response.headers });
}

function listenedUris(body: unknown): readonly string[] {
  if (!isObject(body) || body.method !== 'subscriptions/listen' || !isObject(body.params)) return [];
  const filter = body.params.notifications;
  const uris = isObject(filter) ? filter.resourceSubscriptions : undefined;
  return Array.isArray(uris) ? uris.filter((uri): uri is string => typeof uri === 'string') : [];
}
