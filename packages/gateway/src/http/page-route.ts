import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../access/principal.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';

/** Who may ask for a page: `anybody`, or those who have shown who they are. */
export type PageAccess = 'anybody' | 'principal';

export interface PageRequest {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Undefined for somebody who has not shown who they are. */
  readonly caller: Principal | undefined;
}

/** A page that is not MCP. */
export interface PageRoute {
  /** The path, or its beginning where it ends with a slash. */
  readonly path: string;
  readonly access: PageAccess;
  /** Which requests of this path it is for. @default all */
  readonly when?: (request: IncomingMessage) => boolean;
  /** False: pages of other origins may not ask for it, allowed ones neither. @default true */
  readonly hasCors?: false;
  /** Undefined where nothing is there after all; `answered` where it has written to the response itself. */
  readonly handle: (request: PageRequest) => PageAnswer | Promise<PageAnswer>;
}

type PageAnswer = HttpAnswer | 'answered' | undefined;
