import type { ClientCapabilities, Implementation } from '@modelcontextprotocol/client';
import { type JsonObject, type Message, textOf } from './message.ts';

/** Who is calling, as authentication found out. Without authentication everybody is `anonymous`. */
export interface Caller {
  readonly name: string;
  /** Servers and plugins this caller sees; all when absent. */
  readonly servers?: readonly string[] | undefined;
}

/** The client at the other end: a session of the 2025 era, or whoever sent one request of the 2026 era. */
export interface Peer {
  /** Equal for all requests that may share state: the session's id, or caller and connection where there is none. */
  readonly key: string;
  readonly caller: Caller;
  readonly era: 'legacy' | 'modern';
  readonly capabilities: ClientCapabilities;
  readonly clientInfo: Implementation | undefined;
  /** The least severe log message the client wants; undefined until it says so. */
  readonly logLevel: string | undefined;
  /** Sends a notification that belongs to no request. Does nothing for a client that has no open channel. */
  notify(message: Message): Promise<void>;
  /** Asks the client something outside any request. */
  ask(message: Message, signal: AbortSignal): Promise<JsonObject>;
}

/** One request of a client while it is being answered. */
export interface Exchange {
  readonly peer: Peer;
  /** Ends when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Told which server the request is for, once that is known. */
  readonly routedTo?: (server: string) => void;
  /** What the client asked progress to be reported under. */
  readonly progressToken: string | number | undefined;
  /** Answers to what an earlier leg of this request asked the client (2026 era). */
  readonly inputResponses?: JsonObject | undefined;
  readonly requestState?: string | undefined;
  /** Sends a notification that belongs to this request. */
  notify(message: Message): Promise<void>;
  /** Asks the client something on behalf of this request: sampling, elicitation, roots. */
  ask(message: Message, signal: AbortSignal): Promise<JsonObject>;
}

/** Whether a server may ask this client anything, so that a connection shared with others would not do. */
export function canBeAsked(capabilities: ClientCapabilities): boolean {
  return (
    capabilities.sampling !== undefined || capabilities.elicitation !== undefined || capabilities.roots !== undefined
  );
}

const LEVELS: readonly string[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Orders log levels of the protocol; unknown ones count as the most severe, so that they are not lost. */
export function severity(level: unknown): number {
  const index = LEVELS.indexOf(textOf(level));
  return index === -1 ? LEVELS.length : index;
}
