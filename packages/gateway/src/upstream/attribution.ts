import type { Exchange } from '../protocol/exchange.ts';
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
   * Those who may be told what can be about any of the requests that run: one exchange of each client, where all are one
   * caller's, and nobody otherwise. Undefined where nothing runs and it is for all.
   */
  concerned(): Iterable<Exchange> | undefined {
    const byClient = new Map<string | Exchange, Exchange>();
    const callers = new Set<string>();
    for (const { exchange, isDone } of this.#pending.all) {
      if (isDone || !exchange) continue;
      callers.add(exchange.peer.caller.name);
      // Modern clients of one caller cannot be told apart.
      byClient.set(exchange.peer.era === 'legacy' ? exchange.peer.key : exchange, exchange);
    }
    if (callers.size === 0) return undefined;
    return callers.size === 1 ? byClient.values() : [];
  }
}
