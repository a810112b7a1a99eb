import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import { HeldChanges } from '../session/held-changes.ts';
import type { Session, Sessions } from '../session/sessions.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import { type Caller, canBeAsked } from '../upstream/peer.ts';
import { createFront, type Front } from './front.ts';
import { errorResponse, type TextAnswer } from './http-message.ts';
import { isPlainCall } from './plain-call.ts';
import { PlainCalls } from './plain-calls.ts';
import { areHeadersPlain, sessionFrames } from './plain-session-answer.ts';

/** One request of the 2025 era, its body parsed. */
export interface LegacyRequest {
  readonly request: Request;
  readonly body: unknown;
  readonly dispatcher: Dispatcher;
  readonly caller: Caller;
}

type HttpSession = Session & {
  readonly front: Front;
  readonly calls: PlainCalls;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly held: HeldChanges;
};

/** Streamable HTTP with sessions, as clients of the 2025 era speak it. */
export class LegacyHttp {
  readonly #sessions: Sessions;
  readonly #now: () => number;

  constructor(sessions: Sessions, now: () => number) {
    this.#sessions = sessions;
    this.#now = now;
  }

  async serve({ request, body, dispatcher, caller }: LegacyRequest): Promise<Response | TextAnswer> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) {
      if (isInitializeRequest(body)) return this.#begin(request, body, dispatcher, caller);
      return errorResponse(400, -32_000, 'Bad Request: Mcp-Session-Id header is required', {}, idOf(body));
    }
    const session = this.#sessions.use(id) as HttpSession | undefined;
    // A session belongs to the one who began it, with the rights of then, and to the endpoint it began at; to others it
    // does not exist.
    const theirs = session?.transport && isSame(session.peer.caller, caller);
    const known = theirs && session.dispatcher === dispatcher;
    if (!known) return errorResponse(404, -32_001, 'Session not found', {}, idOf(body));
    session.open++;
    request.signal.addEventListener('abort', () => session.open--, { once: true });
    const plain = isObject(body) ? this.#plain(session, body, request.headers) : undefined;
    if (plain !== undefined) return plain;
    const response = await session.transport.handleRequest(request, { parsedBody: body });
    if (request.method === 'GET' && response.ok) {
      for (const message of session.held.streamOpened(request.signal)) void session.peer.notify(message);
    }
    return response;
  }

  /** What passes by the SDK: plain calls of clients that cannot be asked anything, and their cancellation. */
  #plain(session: HttpSession, body: JsonObject, headers: Headers): Promise<Response | TextAnswer> | undefined {
    const { calls, front, peer } = session;
    if (calls.cancel(body)) return Promise.resolve(new Response(null, { status: 202 }));
    if (!isPlainCall(body) || canBeAsked(peer.capabilities) || !areHeadersPlain(headers)) return undefined;
    const frames = sessionFrames(peer.key);
    return calls.start(body, front, frames) ? frames.promise : undefined;
  }

  async #begin(request: Request, body: unknown, dispatcher: Dispatcher, caller: Caller): Promise<Response> {
    const id = randomUUID();
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    const held = new HeldChanges();
    const hold = held.take.bind(held);
    const front = createFront({ dispatcher, caller, key: id, era: 'legacy', hold });
    const { server, peer } = front;
    const calls = new PlainCalls(dispatcher);
    const session: HttpSession = {
      peer,
      front,
      calls,
      dispatcher,
      transport,
      held,
      close: () => server.close(),
      open: 0,
      lastUsedAt: this.#now(),
    };
    server.onclose = () => {
      calls.close();
      this.#sessions.remove(id);
    };
    if (!this.#sessions.add(session))
      return errorResponse(503, -32_000, 'Too many sessions', { 'retry-after': '5' }, idOf(body));
    await server.connect(transport);
    const response = await transport.handleRequest(request, { parsedBody: body });
    if (!response.ok) await server.close();
    return response;
  }
}

function isSame(one: Caller, other: Caller): boolean {
  return one.name === other.name && isDeepStrictEqual(one.servers, other.servers);
}

function idOf(body: unknown): unknown {
  const id = isObject(body) && typeof body.method === 'string' ? body.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
