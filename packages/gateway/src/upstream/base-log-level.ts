import { ObjectText } from '../protocol/frame/object-text.ts';
import { severity } from '../protocol/log-level.ts';
import type { Peer } from '../protocol/peer.ts';
import type { Connection } from './connection.ts';
import { withinTime } from './within-time.ts';

/** How long a server may take to answer what is only a wish, in milliseconds. */
const WISH_MS = 5_000;

/**
 * The log level of a connection that many clients share: the least severe that any of them wants. What one of them does
 * not want is held back for that one. The level is a wish: a server that refuses it fails nothing.
 */
export class BaseLogLevel {
  readonly #wanted = new Map<string, string>();
  readonly #connection: () => Connection | undefined;
  readonly #onError: (error: Error) => void;
  #set: string | undefined;

  constructor(connection: () => Connection | undefined, onError: (error: Error) => void) {
    this.#connection = connection;
    this.#onError = onError;
  }

  async set(peer: Peer): Promise<void> {
    if (peer.logLevel === undefined) return;
    this.#wanted.set(peer.key, peer.logLevel);
    await this.#apply();
  }

  forget(peer: Peer): void {
    this.#wanted.delete(peer.key);
  }

  /** Says it again on a new connection. */
  renew(): void {
    this.#set = undefined;
    void this.#apply();
  }

  async #apply(): Promise<void> {
    const connection = this.#connection();
    const [lowest] = [...this.#wanted.values()].sort((a, b) => severity(a) - severity(b));
    if (!connection || lowest === undefined || lowest === this.#set) return;
    this.#set = lowest;
    await setLogLevel(connection, lowest, this.#onError);
  }
}

/** Tells a legacy server which log messages are wanted. */
export async function setLogLevel(
  connection: Connection,
  level: string,
  onError: (error: Error) => void,
): Promise<void> {
  if (connection.isModern || !connection.facts.capabilities.has('logging')) return;
  const message = { method: 'logging/setLevel', params: ObjectText.from({ level }) };
  const late = (): Error => new Error('the server does not say whether it takes the log level');
  await withinTime(WISH_MS, late, (cancellation) => connection.request(message, { cancellation })).catch(onError);
}
