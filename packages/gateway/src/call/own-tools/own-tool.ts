import type { Catalog } from '../../catalog/catalog.ts';
import type { Exchange } from '../../protocol/exchange.ts';
import type { ObjectText } from '../../protocol/frame/object-text.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Route, ToldOfOwnTool } from '../route.ts';
import type { Served } from '../served.ts';

/** A call of one of the gateway's own tools. */
export interface OwnToolCall extends ToldOfOwnTool {
  /** What it was given; checked against its schema. */
  readonly given: ObjectText;
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  /** What this caller is offered now, and nothing else. */
  readonly catalog: Catalog<Served>;
  /**
   * Routes a call of a server's tool as if the client had asked for it itself.
   *
   * @param params - Of `tools/call`; `name` is as clients know it.
   * @throws GATEWAY_UNKNOWN_NAME, GATEWAY_UPSTREAM_UNAVAILABLE
   */
  route(params: ObjectText): Route;
}

/** A tool that the gateway itself has, for clients that search. */
export interface OwnTool {
  readonly name: string;
  /** As it is listed. */
  readonly definition: ObjectText;
  /** Whether it is there now. @default true */
  readonly isOffered?: boolean;
  /** Told when a client is shown it, and may use it soon. */
  offered?(): void;
  /** Answers, or says who does. Errors with a code become error results, for the model. */
  answer(call: OwnToolCall): Route | Promise<Route>;
}
