import type { Caller } from '../protocol/peer.ts';

/** What is passed of an HTTP request. Its credential is not: the one who passes it has looked at that. */
export interface PassedHead {
  readonly method: string;
  /** As `Endpoints.of` takes it; absent for the endpoint of all. */
  readonly endpoint?: string | undefined;
  /** The client of the oldest transport that it comes from; absent for streamable HTTP. */
  readonly sseClient?: string | undefined;
  readonly caller: Caller;
  readonly accepted: { readonly json: boolean; readonly stream: boolean };
  readonly headers: Readonly<Record<string, string>>;
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
}

/** How far a request has come, as the one who passed it knows. */
export interface UnderWay {
  readonly id: number;
  /** Bytes of its body that have been told. */
  readonly told: number;
  /** The part of the answer that comes next. */
  readonly part: number;
  /** Whether that part, and those after it, may have been missed. */
  readonly isMissed: boolean;
  /** All bytes of the answer that its client has taken. */
  readonly written: number;
}

/**
 * What gateways say to each other. Bytes are texts in which each character is one byte. `id` numbers the requests that its `from` has passed, `to` and back.
 */
export type ReplicaMessage =
  /** To the holder: a request, the rest of its body, all bytes of its answer that have been written on, and that its client has gone. */
  | {
      readonly kind: 'request';
      readonly from: string;
      readonly id: number;
      /** The one that was passed to this holder before it; 0 for the first. */
      readonly before: number;
      readonly head: PassedHead;
      readonly body: string;
      readonly hasMore: boolean;
    }
  | {
      readonly kind: 'body';
      readonly from: string;
      readonly id: number;
      /** How many bytes of it come before. */
      readonly at: number;
      readonly body: string;
      readonly hasMore: boolean;
    }
  | { readonly kind: 'written'; readonly from: string; readonly id: number; readonly bytes: number }
  | { readonly kind: 'left'; readonly from: string; readonly id: number }
  /** To the holder: all that are still under way, and how far; what it does not name has ended. */
  | { readonly kind: 'open'; readonly from: string; readonly requests: readonly UnderWay[] }
  /** Back: parts of the answer, numbered from 0. */
  | {
      readonly kind: 'part';
      readonly from: string;
      readonly id: number;
      readonly part: number;
      readonly head?: AnswerHead | undefined;
      readonly body: string;
      readonly isLast: boolean;
    }
  /** Back: nothing was done, since the holder is about to end. */
  | { readonly kind: 'closing'; readonly from: string; readonly id: number }
  /** Back: these have never come, or not whole, and so nothing was done of them. */
  | { readonly kind: 'missed'; readonly from: string; readonly ids: readonly number[] }
  /** Back: the holder knows nothing of these any more. */
  | { readonly kind: 'unknown'; readonly from: string; readonly ids: readonly number[] }
  /** To all, or to one that has asked: which machine and process it is, and digests of how it is configured. */
  | {
      readonly kind: 'configuration';
      readonly from: string;
      readonly gateway: string;
      readonly digests: Readonly<Record<string, string>>;
      readonly asks: boolean;
    }
  /** To all: a gateway has ended in order, and begins nothing that it is told from here on. */
  | { readonly kind: 'gone'; readonly from: string }
  /** To all: a gateway hears again, and may have missed what it was told before. */
  | { readonly kind: 'hears'; readonly from: string }
  /** To all: a gateway does not hear the others, and looks in a record whether any of them hears this. */
  | { readonly kind: 'deaf'; readonly from: string }
  /** To one: a message that it takes once, however often it comes. `number` counts those of `from` to it. */
  | {
      readonly kind: 'sure';
      readonly from: string;
      readonly number: number;
      readonly message: ReplicaMessageOf<'frame' | 'subscription'>;
    }
  /** To the home of a session: a frame for its own stream. */
  | { readonly kind: 'frame'; readonly session: string; readonly frame: string; readonly isOptional: boolean }
  /** To the home of a session: what it has subscribed to, or no longer, while it moved there. */
  | { readonly kind: 'subscription'; readonly session: string; readonly uri: string; readonly isOn: boolean }
  /** To all: a client has cancelled a request that runs elsewhere. */
  | { readonly kind: 'cancelled'; readonly session: string; readonly params: string }
  /** To all: what a session wants to be told, and where it is at home. */
  | { readonly kind: 'level'; readonly from: string; readonly session: string; readonly level: string }
  | { readonly kind: 'home'; readonly session: string; readonly home: string }
  /** To all: lists have changed of a server of which each gateway has its own. */
  | { readonly kind: 'changed'; readonly from: string; readonly server: string; readonly lists: readonly string[] };

export type ReplicaMessageOf<K extends ReplicaMessage['kind']> = Extract<ReplicaMessage, { readonly kind: K }>;

/** Each byte as one character, which JSON carries exactly. */
export function toByteText(bytes: Buffer): string {
  return bytes.toString('latin1');
}

export function ofByteText(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
