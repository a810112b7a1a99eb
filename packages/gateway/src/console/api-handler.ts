import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Role } from './api.ts';
import type { Identity } from './console-sessions.ts';

/** Who asks, and how they came. */
export interface Visitor extends Identity {
  /** `socket` is the operator at the machine itself. */
  readonly via: 'session' | 'key' | 'socket';
  /** Equal for requests that belong together: of one session, of one key, of one connection. */
  readonly key: string;
  /** Who it is now; undefined where it may look no longer. */
  readonly still: () => Identity | undefined;
}

export interface ApiRequest {
  /** Of the path, by the names that it has there. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined where there is none. */
  readonly body: unknown;
  readonly visitor: Visitor;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a handler answers: a value for JSON; `ANSWERED` where it has written to the response itself. */
export const ANSWERED: unique symbol = Symbol('answered');

/** One thing that can be asked of the API. */
export interface ApiHandler {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/console/api/`; a part that begins with a colon stands for any. */
  readonly path: string;
  readonly role: Role;
  /** Whether it is for the admin socket alone. @default false */
  readonly isLocal?: boolean;
  /** @throws ApiFailure where it cannot be carried out. */
  readonly handle: (request: ApiRequest) => unknown;
}
