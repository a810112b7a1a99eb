import type { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { ServerLink } from '../transport/server-link.ts';
import type { OwnIdentity } from './outbound-params.ts';

/** What a server said of itself when the connection was opened. */
export interface ServerFacts {
  readonly era: Era;
  /** The revision of the protocol that is spoken, as a server of the legacy era has chosen it. */
  readonly version: string;
  readonly capabilities: ObjectText;
  readonly serverInfo: ObjectText | undefined;
  readonly instructions: string | undefined;
}

/** Of a server that has said nothing yet. */
export const NOTHING_KNOWN: ServerFacts = {
  era: 'legacy',
  version: '',
  capabilities: ObjectText.EMPTY,
  serverInfo: undefined,
  instructions: undefined,
};

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** A notification about the server itself: it is for everybody, even if it comes while somebody calls. */
  onNews(message: Message): void;
  /**
   * A notification that belongs to no request, or to one that cannot be told.
   *
   * @param caller - The name of the only caller whom it may concern; undefined where it is for all.
   */
  onStray(message: Message, caller?: string): void;
  /** The server could not tell for a while what has changed, and can now. */
  onMissed?(): void;
  /** A question that belongs to no request that could be told. */
  ask(message: Message, cancellation: Cancellation): Promise<ObjectText>;
  /** Something of no consequence for any request, worth a line for who looks for it. */
  onError(error: Error): void;
}

export interface ConnectionOptions extends OwnIdentity, ConnectionEvents {
  readonly server: string;
  readonly link: ServerLink;
}

export interface RequestOptions {
  readonly cancellation: Cancellation;
  readonly exchange?: Exchange | undefined;
  /** Headers in addition to those that every request has. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Takes what arrives on behalf of the request; true where it did. */
  readonly take?: (message: Message) => boolean;
}
