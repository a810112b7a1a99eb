import type { Exchange, FrameOrigin } from '../protocol/exchange.ts';
import type { PendingRequest } from './pending-request.ts';
import type { PendingRequests } from './pending-requests.ts';

/** Whom it concerns what a server says on no request's stream. Over a pipe everything comes so. */
export class Attribution {
  readonly #pending: PendingRequests;
  readonly #hasOwnStreams: boolean;

  /** @param hasOwnStreams - Whether what belongs to a request comes on a stream of its own. */
  constructor(pending: PendingRequests, hasOwnStreams: boolean) {
    this.#pending = pending;
    this.#hasOwnStreams = hasOwnStreams;
  }

  /** The request on behalf of which a question is asked; undefined where whoever the connection belongs to is asked. */
  asker(method: string): PendingRequest | undefined {
    const { only } = this.#pending;
    const era = only?.exchange?.peer.era;
    if (era === 'modern') return only;
    // Servers ask for roots when a session begins, for all its calls, whichever happens to run then.
    return era === 'legacy' && !this.#hasOwnStreams && method !== 'roots/list' ? only : undefined;
  }

  /**
   * Those who are told what can be about any of the requests that run: one exchange of each client, where all are one
   * caller's. Undefined where nothing runs, or calls of several callers do: it is for all who may see the server, since
   * nothing that a server says is to be lost.
   */
  concerned(): Iterable<Exchange> | undefined {
    const byClient = new Map<string | Exchange, Exchange>();
    let caller: string | undefined;
    for (const { exchange, isDone } of this.#pending.all) {
      if (isDone || !exchange) continue;
      const { name } = exchange.peer.caller;
      if (caller !== undefined && caller !== name) return undefined;
      caller = name;
      // Modern clients of one caller cannot be told apart.
      byClient.set(exchange.peer.era === 'legacy' ? exchange.peer.key : exchange, exchange);
    }
    return caller === undefined ? undefined : byClient.values();
  }
}

/** On behalf of a request that has been answered its client is told and asked nothing more. */
export function unlessDone(pending: PendingRequest | undefined): PendingRequest | undefined {
  return pending?.isDone ? undefined : pending;
}

/** That a request runs alone ties nothing to it: a late word of an ended one looks the same. */
export function originOf(own: PendingRequest | undefined): FrameOrigin {
  return own ? 'own' : 'shared';
}
