import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type Transport,
} from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Dispatcher } from '../call/dispatcher.ts';
import type { Subscriptions } from '../call/subscriptions.ts';
import type { Logger } from '../logger.ts';
import type { Session, Sessions } from '../session/sessions.ts';
import { readFrames } from '../upstream/frame-buffer.ts';
import { isObject, type JsonObject, textOf } from '../upstream/message.ts';
import type { Caller } from '../upstream/peer.ts';
import { silentPeer } from '../upstream/silent-peer.ts';
import { createFront, type Front } from './front.ts';
import { isPlainCall } from './plain-call.ts';
import { PlainCalls } from './plain-calls.ts';

export interface StdioOptions {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly subscriptions: Subscriptions;
  readonly logger: Logger;
  readonly now: () => number;
  /** @default the process's own stdin and stdout */
  readonly transport?: Transport;
}

/** The one client of a pipe. */
export interface StdioFront {
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Whoever holds the pipe started the gateway, and is the operator. */
const OPERATOR: Caller = { name: 'stdio' };

/** Serves both eras over a pipe; the client's first message says which it speaks. */
export function openStdio({ dispatcher, sessions, subscriptions, logger, now, transport }: StdioOptions): StdioFront {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const wire = transport ?? new StdioServerTransport();
  const onerror = (error: Error): void => logger.debug({ error: error.message }, 'message was refused');
  const calls = new PlainCalls(dispatcher);
  const send = (frame: JsonObject | undefined): void => {
    if (frame) void wire.send(frame as JSONRPCMessage).catch(onerror);
  };
  let current: Front | undefined;
  const take = (frame: unknown): boolean => {
    if (!isObject(frame)) return false;
    if (current && isPlainCall(frame)) return calls.start(frame, current, { notify: send, end: send });
    return calls.cancel(frame);
  };
  let fronts = 0;
  const handle = serveStdio(
    ({ era }) => {
      const key = `stdio:${++fronts}`;
      const front = createFront({ dispatcher, caller: OPERATOR, key, era });
      const { server, peer } = front;
      current = front;
      const session: Session = { peer, dispatcher, close: () => server.close(), open: 1, lastUsedAt: now() };
      sessions.add(session);
      server.onclose = () => sessions.remove(key);
      return server;
    },
    { transport: wire, onerror },
  );
  watchListeners(wire, dispatcher, subscriptions);
  if (transport) takeFirst(transport, take);
  else readFrames(wire, take);
  const { onclose } = wire;
  wire.onclose = () => {
    calls.close();
    onclose?.();
    resolve();
  };
  return { closed, close: () => handle.close().finally(resolve) };
}

/** A transport of somebody else has read its frames already. */
function takeFirst(wire: Transport, take: (frame: unknown) => boolean): void {
  const { onmessage } = wire;
  wire.onmessage = (message, extra) => {
    if (!take(message)) onmessage?.(message, extra);
  };
}

/**
 * The SDK answers `subscriptions/listen` on a pipe by itself and says nothing of it, but a resource is only reported by a
 * server that was asked to; so the messages are looked at as they come in.
 */
function watchListeners(wire: Transport, { endpoint }: Dispatcher, subscriptions: Subscriptions): void {
  const { onmessage } = wire;
  const key = (id: unknown): string => `stdio-listen:${String(id)}`;
  const look = async (message: JSONRPCMessage): Promise<void> => {
    if (isJSONRPCRequest(message) && message.method === 'subscriptions/listen') {
      const filter = message.params?.notifications;
      const uris = isObject(filter) && Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : [];
      const catalog = await endpoint.catalog(silentPeer(key(message.id), OPERATOR));
      for (const uri of uris) {
        const owner = catalog.ownerOf(textOf(uri));
        if (owner) await subscriptions.add(key(message.id), owner, textOf(uri));
      }
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      subscriptions.forget(key(message.params?.requestId));
    }
  };
  wire.onmessage = (message, extra) => {
    void look(message).catch(() => {}); // a server that refuses reports nothing; the stream itself stands
    onmessage?.(message, extra);
  };
}
