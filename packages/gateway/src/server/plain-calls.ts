import type { Dispatcher } from '../call/dispatcher.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Peer } from '../upstream/peer.ts';
import { type Front, modernPeer, project } from './front.ts';
import { answerPlainCall, complete, isModernCall, type PlainCall } from './plain-call.ts';

/** Where the frames of one call go. */
export interface CallFrames {
  notify(frame: JsonObject): void;
  /** The call is over; without an answer where its client has cancelled it. */
  end(frame: JsonObject | undefined): void;
}

/** The plain calls of one client that stays: of a session, or at the other end of a pipe. */
export class PlainCalls {
  readonly #running = new Map<unknown, AbortController>();
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** Answers a call; false where it does not fit what was agreed on at the beginning, which is for the SDK to say. */
  start(call: PlainCall, front: Front, frames: CallFrames): boolean {
    const peer = callerOf(call, front);
    if (!peer || this.#running.has(call.id)) return false;
    void this.#answer(call, front, peer, frames);
    return true;
  }

  /** Takes a frame if it says that one of these calls is cancelled. */
  cancel(frame: JsonObject): boolean {
    if (frame.method !== 'notifications/cancelled' || !isObject(frame.params)) return false;
    const { requestId, reason } = frame.params;
    const ending = this.#running.get(requestId);
    ending?.abort(new Error(typeof reason === 'string' ? reason : 'cancelled'));
    return ending !== undefined;
  }

  close(): void {
    for (const ending of this.#running.values()) ending.abort(new Error('the client has gone'));
  }

  async #answer(call: PlainCall, { server }: Front, peer: Peer, frames: CallFrames): Promise<void> {
    const ending = new AbortController();
    this.#running.set(call.id, ending);
    const { caller, era } = peer;
    await answerPlainCall(call, this.#dispatcher, {
      peer,
      signal: ending.signal,
      ask: peer.ask,
      notify: frames.notify,
      encode: (result) => {
        const projected = project(server, era, call, result) as JsonObject;
        return era === 'modern' ? complete(projected, this.#dispatcher.endpoint.infoFor(caller)) : projected;
      },
      // What a client has cancelled is not answered. Source: MCP specification, "Cancellation".
      end: (frame) => frames.end(ending.signal.aborted ? undefined : frame),
    });
    this.#running.delete(call.id);
  }
}

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
  const { progressToken: token } = meta;
  const isToken = token === undefined || typeof token === 'string' || Number.isSafeInteger(token);
  return isToken && !Object.keys(meta).some((key) => key.startsWith('io.modelcontextprotocol/'));
}
