import type { Dispatcher } from '../call/dispatcher.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Peer } from '../upstream/peer.ts';
import { type Front, modernPeer, project } from './front.ts';
import { answerPlainCall, complete, isModernCall, isPlainCall, type PlainCall } from './plain-call.ts';

/** Plain calls that come over a pipe, of either era. */
export class PlainPipeCalls {
  readonly #running = new Map<unknown, AbortController>();
  readonly #dispatcher: Dispatcher;
  readonly #send: (frame: JsonObject) => void;
  #front: Front | undefined;

  constructor(dispatcher: Dispatcher, send: (frame: JsonObject) => void) {
    this.#dispatcher = dispatcher;
    this.#send = send;
  }

  /** From now on this is the client at the other end. */
  serve(front: Front): void {
    this.#front = front;
  }

  /** Takes a frame if it is a plain call, or the end of one. */
  take(frame: unknown): boolean {
    if (!isObject(frame)) return false;
    if (frame.method === 'notifications/cancelled') return this.#cancel(frame.params);
    const front = this.#front;
    if (!front || !isPlainCall(frame) || this.#running.has(frame.id)) return false;
    const peer = callerOf(frame, front);
    if (!peer) return false;
    void this.#answer(frame, front, peer);
    return true;
  }

  close(): void {
    for (const ending of this.#running.values()) ending.abort(new Error('the client has gone'));
  }

  async #answer(call: PlainCall, { server }: Front, peer: Peer): Promise<void> {
    const ending = new AbortController();
    this.#running.set(call.id, ending);
    const { caller, era } = peer;
    await answerPlainCall(call, this.#dispatcher, {
      peer,
      signal: ending.signal,
      ask: peer.ask,
      notify: this.#send,
      encode: (result) => {
        const projected = project(server, era, call, result) as JsonObject;
        return era === 'modern' ? complete(projected, this.#dispatcher.endpoint.infoFor(caller)) : projected;
      },
      // What a client has cancelled is not answered. Source: MCP specification, "Cancellation".
      end: (frame) => (ending.signal.aborted ? undefined : this.#send(frame)),
    });
    this.#running.delete(call.id);
  }

  #cancel(params: unknown): boolean {
    const { requestId, reason } = isObject(params) ? params : {};
    const ending = this.#running.get(requestId);
    ending?.abort(new Error(typeof reason === 'string' ? reason : 'cancelled'));
    return ending !== undefined;
  }
}

/** Who calls; undefined where the call does not fit what was agreed on at the beginning. */
function callerOf(call: PlainCall, { peer, server }: Front): Peer | undefined {
  const { _meta: meta } = call.params;
  if (peer.era === 'modern') {
    return isModernCall(call) ? modernPeer(peer.key, peer.caller, call.params._meta) : undefined;
  }
  // Before the handshake has been answered nothing is known of the client.
  const shaken = server.getClientCapabilities() !== undefined;
  return shaken && (meta === undefined || isPlainMeta(meta)) ? peer : undefined;
}

function isPlainMeta(meta: unknown): boolean {
  if (!isObject(meta)) return false;
  const { progressToken } = meta;
  const isToken =
    progressToken === undefined || typeof progressToken === 'string' || Number.isSafeInteger(progressToken);
  return isToken && !Object.keys(meta).some((key) => key.startsWith('io.modelcontextprotocol/'));
}
