import { isDeepStrictEqual } from 'node:util';
import type { Discovery } from '../config/discovery.ts';
import type { Cancellation } from './cancellation.ts';
import type { Era } from './era.ts';
import { ObjectText } from './frame/object-text.ts';
import type { Message } from './message.ts';

/** Who is calling, as authentication found out. Without authentication everybody is `anonymous`. */
export interface Caller {
  readonly name: string;
  /** How that is known; absent and `none` where nobody was asked. */
  readonly how?: string | undefined;
  /** Servers and plugins this caller sees; all when absent. */
  readonly servers?: readonly string[] | undefined;
  /** The roles that say what of these it may use; everything when absent. */
  readonly roles?: readonly string[] | undefined;
  /** The profile that it is limited to; absent where none limits it. */
  readonly profile?: string | undefined;
  /** How this caller finds tools: what its session asked for, else what its credential says; absent where neither does. */
  readonly discovery?: Discovery | undefined;
}

/** Whether a caller has shown who it is, so that others may be shown something else. */
export function isKnown({ how = 'none' }: Caller): boolean {
  return how !== 'none';
}

/** Whether nothing limits what a caller sees, so that it may be told of what all do. */
export function seesAll({ servers, roles, profile }: Caller): boolean {
  return servers === undefined && roles === undefined && profile === undefined;
}

/** Whether two callers are one, with the same rights. */
export function isSameCaller(one: Caller, other: Caller): boolean {
  return (
    one.name === other.name &&
    one.profile === other.profile &&
    isDeepStrictEqual(one.servers, other.servers) &&
    isDeepStrictEqual(one.roles, other.roles)
  );
}

/** The client at the other end: a legacy session, or whoever sent one modern request. */
export interface Peer {
  /** Equal for all requests that may share state: the session's id, or the caller where there is none. */
  readonly key: string;
  readonly caller: Caller;
  /** The profile whose endpoint it came by; absent elsewhere. */
  readonly profile?: string | undefined;
  readonly era: Era;
  /** The version that was agreed on in a legacy session. */
  readonly version?: string;
  /** What the client says it can do, as it wrote it. */
  readonly capabilities: ObjectText;
  readonly clientInfo: ObjectText | undefined;
  /** The least severe log message the client wants; undefined until it says so. */
  readonly logLevel: string | undefined;
  /** Sends a notification that belongs to no request. Does nothing for a client that has no open channel. */
  notify(message: Message): void;
  /**
   * Notes that the client subscribes to a resource from now on, or no longer: whoever goes on with its session knows of nothing else.
   *
   * @default its subscriptions end with this gateway
   */
  readonly noteSubscription?: ((uri: string, isOn: boolean) => Promise<void>) | undefined;
  /** Asks the client something outside any request. Rejects with the client's own error, or a reason. */
  ask(message: Message, cancellation: Cancellation): Promise<ObjectText>;
}

/** Equal for clients to which a server offers the same and that can be asked the same: what they say they can do. */
export function kindOf({ capabilities }: Peer): string {
  return capabilities.toBytes().toString('utf8');
}

/** Whether a server may ask this client anything, so that a legacy connection shared with others would not do. */
export function canBeAsked({ capabilities }: Peer): boolean {
  return capabilities.has('sampling') || capabilities.has('elicitation') || capabilities.has('roots');
}

/** What a client can be asked, and nothing else of what it says it can do. */
export function bareCapabilities({ capabilities }: Peer): ObjectText {
  const asked = ['roots', 'sampling', 'elicitation'].filter((key) => capabilities.has(key));
  return ObjectText.from(Object.fromEntries(asked.map((key) => [key, {}])));
}
