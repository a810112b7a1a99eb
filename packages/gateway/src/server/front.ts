import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type Implementation,
  LOG_LEVEL_META_KEY,
  type Notification,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import { anything, type JsonObject, type Message, textOf } from '../upstream/message.ts';
import { type Caller, type Exchange, type Peer, severity } from '../upstream/peer.ts';

/** How long a person may take to answer a question. */
const ASK_MS = 10 * 60_000;

export interface FrontOptions {
  readonly dispatcher: Dispatcher;
  readonly caller: Caller;
  /** Tells apart clients that share nothing; a session's id. */
  readonly key: string;
  readonly era: 'legacy' | 'modern';
  /** Takes a notification that cannot be sent now, because the client has no stream open; true where it did. */
  readonly hold?: (message: Message) => boolean;
}

/** The side of the gateway that one client speaks to, and that client as the rest of the gateway sees it. */
export interface Front {
  readonly server: Server;
  readonly peer: Peer;
}

/**
 * Makes the SDK's server for one client. Everything but the handshake goes through the SDK's fallback handlers, which
 * hand on what was received; its typed handlers would re-type requests and results by the schemas of its own version.
 */
export function createFront({ dispatcher, caller, key, era, hold }: FrontOptions): Front {
  const { info, instructions, capabilities } = dispatcher.endpoint.introduction(caller);
  const server = new Server(info, { capabilities, ...(instructions !== undefined && { instructions }) });
  server.removeRequestHandler('logging/setLevel');
  let logLevel: string | undefined;
  const peer: Peer = {
    key,
    caller,
    era,
    get capabilities() {
      return server.getClientCapabilities() ?? {};
    },
    get clientInfo() {
      return server.getClientVersion();
    },
    get logLevel() {
      return logLevel;
    },
    notify: async (message) => {
      if (wants(message, logLevel, era) && !hold?.(message)) await send(server, message);
    },
    ask: ({ method, params }, signal) =>
      server.request({ method, ...(params && { params }) }, anything, { signal, timeout: ASK_MS }),
  };
  server.fallbackRequestHandler = async ({ method, params }, context) => {
    const message: Message = { method, params };
    if (method === 'logging/setLevel') logLevel = textOf(params?.level);
    const exchange = toExchange(
      context,
      era === 'legacy' ? peer : modernPeer(key, caller, (context.mcpReq.envelope ?? {}) as JsonObject),
    );
    const result = await dispatcher.handle(message, exchange);
    return project(server, era, message, result);
  };
  server.fallbackNotificationHandler = (message) => dispatcher.notified(message as Message, peer);
  return { server, peer };
}

/** In the 2026 era each request says, in its envelope, who sends it and what its sender can do. */
export function modernPeer(key: string, caller: Caller, envelope: JsonObject): Peer {
  return {
    key,
    caller,
    era: 'modern',
    capabilities: (envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities,
    clientInfo: envelope[CLIENT_INFO_META_KEY] as Implementation | undefined,
    logLevel: envelope[LOG_LEVEL_META_KEY] as string | undefined,
    notify: async () => {},
    ask: () => Promise.reject(new TypeError('a client of the 2026 era is asked in answers only')),
  };
}

function toExchange({ mcpReq }: ServerContext, peer: Peer): Exchange {
  return {
    peer,
    signal: mcpReq.signal,
    progressToken: mcpReq._meta?.progressToken,
    inputResponses: mcpReq.inputResponses,
    requestState: mcpReq.requestState<string>(),
    notify: async (message) => {
      if (wants(message, peer.logLevel, peer.era)) await mcpReq.notify(message as Notification).catch(() => {});
    },
    ask: ({ method, params }, signal) =>
      mcpReq.send({ method, ...(params && { params }) }, anything, { signal, timeout: ASK_MS }),
  };
}

/** A client of the 2026 era gets no log messages that it has not asked for; older ones get all until they choose. */
export function wants({ method, params }: Message, level: string | undefined, era: 'legacy' | 'modern'): boolean {
  if (method !== 'notifications/message') return true;
  if (level === undefined) return era === 'legacy';
  return severity(params?.level) >= severity(level);
}

/** A client that has no open stream misses what is sent outside its requests; that is not an error of anybody. */
async function send(server: Server, message: Message): Promise<void> {
  await server.notification(message as Notification).catch(() => {});
}

/** Older clients know structured content only as objects; the SDK wraps the rest for them, in lists and results alike. */
export function project(server: Server, era: 'legacy' | 'modern', { method }: Message, result: JsonObject): Result {
  const structured = result.structuredContent;
  if (method !== 'tools/call' || era === 'modern' || structured === undefined) return result as Result;
  return server.projectCallToolResult(result as Parameters<Server['projectCallToolResult']>[0], undefined);
}
