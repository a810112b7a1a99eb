import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '../call/endpoint.ts';
import type { Caller } from '../protocol/peer.ts';
import type { Accepted } from './reply.ts';

/** One HTTP request at an endpoint, its caller known. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly endpoint: Endpoint;
  readonly caller: Caller;
  readonly accepted: Accepted;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set where another gateway has passed it on to this one: declines what this one no longer does. */
  readonly decline?: (() => void) | undefined;
}
