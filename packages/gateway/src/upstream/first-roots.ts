import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { Message } from '../protocol/message.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';

/** How long a server of which nothing is known has to ask, at least; one that is slow or known to ask has longer. */
const UNKNOWN_MS = 250;
const MOST_MS = 2_000;

/** How long a server has to look at the roots it has been told, at least; nothing says when it has. */
const TAKEN_IN_MS = 100;

const PING: Message = { method: 'ping', params: undefined };

/**
 * Whether one legacy server asks for roots as soon as a connection is open. Clients that speak to it directly send their first
 * request much later; one that is sent at once would be worked on before the server knows where it may.
 */
export class FirstRoots {
  #asks: boolean | undefined;
  /** Some servers take no notice of pings: it is waited once for one, as for a slow server, and no later client waits for another. */
  #ignoresPings = false;
  readonly #settling = new WeakMap<Connection, Promise<void>>();
  readonly #settled = new WeakSet<Connection>();

  /** Whether requests may be sent on a connection that belongs to this client. */
  isSettled(connection: Connection, { peer }: Exchange): boolean {
    return this.#settled.has(connection) || !peer.capabilities.has('roots');
  }

  /** Resolves when the first requests may be sent on a connection. */
  async settled(connection: Connection, exchange: Exchange, cancellation: Cancellation): Promise<void> {
    let settling = this.#settling.get(connection);
    if (!settling) {
      settling = this.#settle(connection, exchange).then(() => void this.#settled.add(connection));
      this.#settling.set(connection, settling);
    }
    await unlessCancelled(cancellation, settling);
  }

  async #settle(connection: Connection, exchange: Exchange): Promise<void> {
    // A session is asked on its own stream; a request without one can be asked only while it lasts.
    const told = connection.rootsTold(exchange.peer.era === 'modern' ? exchange : undefined);
    const inTime = told.then(() => {
      this.#asks = true;
      return true;
    });
    if (this.#asks === false) return;
    const late = (this.#asks ? pause(MOST_MS) : this.#reached(connection, UNKNOWN_MS)).then(() => false);
    if (!(await Promise.race([inTime, late]))) return;
    await this.#reached(connection, TAKEN_IN_MS);
    // It looks at folders beside what it reads: on a busy machine it is still at it when it has answered once.
    if (!this.#ignoresPings) await this.#reached(connection, 0);
  }

  /**
   * The first request has been answered: a server that asks at once has asked before it answers, however slow it is. One that
   * asked in a call of an earlier client, and not of itself, keeps no later client waiting.
   */
  answered(connection: Connection): void {
    this.#asks = connection.isPersonal;
  }

  /** Resolves when a server has had so much time and has come to what it has been sent: a busy one needs longer to begin. */
  async #reached(connection: Connection, ms: number): Promise<void> {
    if (this.#ignoresPings) {
      await pause(ms);
      return;
    }
    const answered = connection.request(PING, { cancellation: new Cancellation() }).then(ignored, ignored);
    const inTime = answered.then(() => {
      // However late: it was slow.
      this.#ignoresPings = false;
      return true;
    });
    const [isReached] = await Promise.all([Promise.race([inTime, pause(MOST_MS).then(() => false)]), pause(ms)]);
    if (!isReached) this.#ignoresPings = true;
  }
}

function ignored(): void {}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms).unref();
  return promise;
}
