import type { Endpoint } from '../call/endpoint.ts';
import type { Caller } from '../protocol/peer.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import type { HttpRequest, HttpResponse } from '../transport/http-contract.ts';
import type { Accepted } from './reply.ts';

/** One HTTP request at an endpoint, its caller known. */
export interface EndpointRequest {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly endpoint: Endpoint;
  readonly caller: Caller;
  readonly accepted: Accepted;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set where another gateway has passed it on to this one: declines what this one no longer does. */
  readonly decline?: (() => void) | undefined;
  /** What is answered where its frame stands for an answer of the client that could not be taken. */
  readonly refused?: HttpAnswer | undefined;
}
