import type { Cancellation } from './cancellation.ts';
import type { ObjectText } from './frame/object-text.ts';
import type { Message } from './message.ts';
import type { Peer } from './peer.ts';

/** Whether the protocol ties a frame to the request, or the request merely runs while the frame comes. */
export type FrameOrigin = 'own' | 'shared';

/** Where what belongs to one request goes while it is answered. */
export interface ExchangeWire {
  /**
   * Sends a notification that belongs to the request.
   *
   * @param origin - `shared` where the server may have meant another request, even one that has ended. @default 'own'
   */
  notify(message: Message, origin?: FrameOrigin): void;
  /**
   * Asks the client something on behalf of the request: sampling, elicitation, roots.
   *
   * @param origin - As with `notify`. @default 'own'
   */
  ask(message: Message, cancellation: Cancellation, origin?: FrameOrigin): Promise<ObjectText>;
}

/** One run of a script, by itself: what is known of the run is kept under this very object. */
export interface ScriptIdentity {
  /** In the audit log, with everything that the script calls. */
  readonly id: string;
}

/** One request of a client while it is being answered. */
export interface Exchange extends ExchangeWire {
  readonly peer: Peer;
  /** The request's id as its client chose it: JSON, given back and used for nothing else. */
  readonly id: Buffer;
  /** The request as it came; a modern one says of its sender what servers of its era are to be told. */
  readonly message: Message;
  /** Exact size of the request's frame. */
  readonly byteLength: number;
  /** Ends when the client cancels the request or goes away. */
  readonly cancellation: Cancellation;
  /** What the client asked progress to be reported under: JSON, as it was sent. */
  readonly progressToken: Buffer | undefined;
  /**
   * Answers to what an earlier leg of this request asked the client. Legs belong to the modern era, but what a legacy client sends under these
   * names a modern server would take for one.
   */
  readonly inputResponses: ObjectText | undefined;
  readonly requestState: string | undefined;
  /** Whether the server is told nothing of the client but what it can be asked. @default false */
  readonly saysNothingOfItself?: boolean | undefined;
  /** Whether the same request has just been refused in a session that had expired. */
  readonly isResent?: boolean | undefined;
  /** The script that makes this request for its client; absent where the client itself does. */
  readonly script?: ScriptIdentity | undefined;
  /** Pauses its deadline, until the function that this answers is called; absent where it has none. */
  readonly hold?: (() => () => void) | undefined;
}

export interface ExchangeParts {
  readonly peer: Peer;
  readonly id: Buffer;
  readonly message: Message;
  readonly byteLength: number;
  readonly cancellation: Cancellation;
  readonly wire: ExchangeWire;
}

const LEG_KEYS = ['inputResponses', 'requestState'] as const;

/**
 * Makes the exchange of a request: the one place where what the protocol itself says in `params` (the progress token, and
 * the answers to questions of an earlier leg) is taken off.
 */
export function openExchange({ peer, id, message, byteLength, cancellation, wire }: ExchangeParts): Exchange {
  const { method, params } = message;
  const meta = params?.object('_meta');
  const isLaterLeg = params !== undefined && LEG_KEYS.some((key) => params.has(key));
  return {
    peer,
    id,
    message: isLaterLeg ? { method, params: params.without(...LEG_KEYS) } : message,
    byteLength,
    cancellation,
    progressToken: meta?.bytes('progressToken'),
    inputResponses: isLaterLeg ? (params.object('inputResponses') ?? undefined) : undefined,
    requestState: isLaterLeg ? params.text('requestState') : undefined,
    notify: wire.notify,
    ask: wire.ask,
  };
}
