import type { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';

/** How long a server may take to ask: one of which nothing is known, and one that is known to ask. */
const UNKNOWN_MS = 250;
const KNOWN_MS = 2_000;

/** How long a server has to look at the roots it has been told; nothing says when it has. */
const TAKEN_IN_MS = 100;

/**
 * Whether one legacy server asks for roots as soon as a connection is open. Clients of its era send their first request much
 * later; one that is sent at once would be worked on before the server knows where it may.
 */
export class FirstRoots {
  #asks = false;

  /** Resolves when the first request may be sent on a connection that has been opened for it. */
  async settled(connection: Connection, exchange: Exchange, cancellation: Cancellation): Promise<void> {
    if (!exchange.peer.capabilities.has('roots')) return;
    const inTime = connection.rootsTold(exchange).then(() => true);
    const late = pause(this.#asks ? KNOWN_MS : UNKNOWN_MS).then(() => false);
    if (!(await unlessCancelled(cancellation, Promise.race([inTime, late])))) return;
    this.#asks = true;
    await unlessCancelled(cancellation, pause(TAKEN_IN_MS));
  }
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms).unref();
  return promise;
}
