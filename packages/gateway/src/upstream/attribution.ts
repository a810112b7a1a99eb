import type { Exchange, FrameOrigin } from '../protocol/exchange.ts';
import type { Message } from '../protocol/message.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { PendingRequest } from './pending-request.ts';
import type { PendingRequests } from './pending-requests.ts';

/** Several callers, or several clients, have called on the connection. */
const SEVERAL = Symbol('several');

/** Whom it concerns what a server says on no request's stream. Over a pipe everything comes so, and over HTTP what some servers ask in a call. */
export class Attribution {
  readonly #pending: PendingRequests;
  readonly #options: Pick<ConnectionOptions, 'onStray' | 'onError'>;
  /** Who has ever called on the connection: a server may speak of a call long after it has ended. */
  #caller: string | typeof SEVERAL | undefined;
  /** The same of legacy clients, by their sessions. */
  #client: string | typeof SEVERAL | undefined;
  #hasDropped = false;

  constructor(pending: PendingRequests, options: Pick<ConnectionOptions, 'onStray' | 'onError'>) {
    this.#pending = pending;
    this.#options = options;
  }

  /** A request of a client is about to be sent. */
  called({ peer }: Exchange): void {
    const { name } = peer.caller;
    if (this.#caller !== name) this.#caller = this.#caller === undefined ? name : SEVERAL;
    // Modern clients of one caller cannot be told apart.
    const client = peer.era === 'legacy' ? peer.key : SEVERAL;
    if (this.#client !== client) this.#client = this.#client === undefined ? client : SEVERAL;
  }

  /**
   * The requests on behalf of one of which a question is asked, as they were sent; none where whoever the connection belongs to is asked.
   *
   * @param own - The request on whose stream it came.
   */
  askers(method: string, own: PendingRequest | undefined): readonly PendingRequest[] {
    const all = own ? [own] : this.#askers(method);
    return all.filter(({ isDone }) => !isDone);
  }

  #askers(method: string): readonly PendingRequest[] {
    // It may be asked on behalf of a call of another caller, even of one that has ended.
    if (this.#caller === SEVERAL) return [];
    const { only, all } = this.#pending;
    const era = only?.exchange?.peer.era;
    if (only && era === 'modern') return [only];
    // Servers ask for roots when a session begins, for all its calls, whichever happens to run then.
    if (method === 'roots/list') return [];
    if (only) return [only];
    // Whichever of its calls is meant, it is this client that is asked.
    const isOfOne = this.#client !== SEVERAL;
    return isOfOne ? all.filter(({ exchange }) => exchange).sort((one, other) => one.id - other.id) : [];
  }

  /**
   * Hands on a notification: what came on a request's own stream to its client, while that waits for the answer. All else can
   * be about any call that was ever made on the connection: it is for each client of its one caller for which something runs,
   * or else for all that are that caller's. Where several have called it is for nobody, since no caller is told of another's
   * call; where nobody has, for all who may see the server.
   */
  tell(message: Message, own: PendingRequest | undefined): void {
    if (own?.isDone) return;
    if (own?.exchange) own.exchange.notify(message);
    else if (own) this.#options.onStray(message);
    else this.#tellCaller(message);
  }

  #tellCaller(message: Message): void {
    const caller = this.#caller;
    if (caller === SEVERAL) {
      this.#drop();
      return;
    }
    const running = this.#running();
    if (running.size === 0) this.#options.onStray(message, caller);
    for (const exchange of running.values()) exchange.notify(message, 'shared');
  }

  /** One exchange of each client for which something runs. */
  #running(): ReadonlyMap<string | Exchange, Exchange> {
    const byClient = new Map<string | Exchange, Exchange>();
    for (const { exchange, isDone } of this.#pending.all) {
      if (exchange && !isDone) byClient.set(exchange.peer.era === 'legacy' ? exchange.peer.key : exchange, exchange);
    }
    return byClient;
  }

  #drop(): void {
    if (this.#hasDropped) return;
    this.#hasDropped = true;
    this.#options.onError(new Error(DROPPED));
  }
}

const DROPPED =
  'a notification that names no call is told to nobody, nor are those to come: several callers share the connection, and it may be about any of their calls';

/** On behalf of a request that has been answered its client is told and asked nothing more. */
export function unlessDone(pending: PendingRequest | undefined): PendingRequest | undefined {
  return pending?.isDone ? undefined : pending;
}

/** That a request runs alone ties nothing to it: a late word of an ended one looks the same. */
export function originOf(own: PendingRequest | undefined): FrameOrigin {
  return own ? 'own' : 'shared';
}
