import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessControl } from '../access/access-control.ts';
import type { Denial, Principal } from '../access/principal.ts';
import { DISCOVERIES, isDiscovery } from '../config/discovery.ts';
import type { Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import { StateError } from '../state/state-error.ts';
import { type HttpAnswer, writeAnswer } from '../transport/http-answer.ts';
import type { HttpResponse, ReceivedRequest } from '../transport/http-contract.ts';
import { tlsPeerOf } from '../transport/tls.ts';
import { acceptedBy } from './accepted.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import type { McpRequests } from './mcp-requests.ts';
import type { PageRoute } from './page-route.ts';
import type { PathTarget } from './path-target.ts';
import { refusal } from './refusal.ts';
import { routeOf } from './routes.ts';
import type { SseEndpoint } from './sse-endpoint.ts';

export interface ListenerOptions {
  /** The access control of now; it changes with the configuration. */
  readonly access: () => AccessControl;
  readonly observer: Observer;
  readonly routes: readonly PageRoute[];
  readonly targetOf: (path: string) => PathTarget | undefined;
  /** Paths at which this caller finds something over streamable HTTP. */
  readonly waysIn: (caller: Principal) => readonly string[];
  readonly mcp: McpRequests;
  readonly sse: SseEndpoint;
  readonly logger: Logger;
}

/** How requests come in. */
export interface HttpListener {
  /** Answers any request. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers one whose path is that of an endpoint, or begins like one: no page is there. */
  readonly call: (request: ReceivedRequest, response: HttpResponse) => void;
}

/** A page as it answers one request. */
type Page = Pick<PageRoute, 'access' | 'hasCors'> & {
  readonly handle: (caller: Principal | undefined) => ReturnType<PageRoute['handle']>;
};

type PageAt = (path: string) => Page | undefined;

/** Paths that are named to who asks for one that is not there. */
const WAYS_SHOWN = 20;

const UNKNOWN_DISCOVERY = `Bad Request: "discovery" in the address is one of ${DISCOVERIES.join(', ')}`;

/** The HTTP side: who may come in, what they ask for, and whether it is there. */
export function httpListener(options: ListenerOptions): HttpListener {
  const answer = (request: ReceivedRequest, response: HttpResponse, pageAt: PageAt): void => {
    const fail = (error: unknown): void => {
      options.logger.error({ err: error }, 'request could not be answered');
      if (response.headersSent) response.destroy();
      else if (error instanceof StateError) writeAnswer(response, refusal(503, RpcCode.refused, error.message), {});
      else writeAnswer(response, refusal(500, RpcCode.internalError, 'Internal error'), {});
    };
    try {
      const { authenticator } = options.access();
      const refused = options.access().guard.check(request);
      const long = refused?.reason === 'body-size' && namesSession(request) ? refused : undefined;
      if (refused && !long) {
        turnAway(request, response, refused, options);
        return;
      }
      const caller = authenticator.authenticate({ headers: request.headers, tlsPeer: tlsPeerOf(request) });
      const serving =
        caller instanceof Promise
          ? caller.then((known) => serve(request, response, known, pageAt, options, long))
          : undefined;
      (serving ?? serve(request, response, caller as Principal | Denial, pageAt, options, long))?.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  return {
    request: (request, response) =>
      answer(request, response, (path) => {
        const route = routeOf(options.routes, path, request);
        return route && { ...route, handle: (caller) => route.handle({ path, request, response, caller }) };
      }),
    call: (request, response) => answer(request, response, () => undefined),
  };
}

function serve(
  request: ReceivedRequest,
  response: HttpResponse,
  caller: Principal | Denial,
  pageAt: PageAt,
  options: ListenerOptions,
  long: Denial | undefined,
): Promise<void> | undefined {
  const url = originForm(request);
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  const target = options.targetOf(path);
  // Nothing but an answer to what a client was asked is looked at: whoever has asked is to be told that it is too large.
  if (long && (!target || caller.kind === 'denial')) {
    turnAway(request, response, long, options);
    return undefined;
  }
  const route = target ? undefined : pageAt(path);
  const headers = route?.hasCors === false ? {} : options.access().guard.corsHeaders(request);
  if (request.method === 'OPTIONS') {
    writeAnswer(response, { status: 204 }, headers);
    return undefined;
  }
  if (route && (route.access === 'anybody' || caller.kind === 'principal')) {
    return showPage(response, caller, route, headers);
  }
  if (caller.kind === 'denial') {
    turnAway(request, response, caller, options);
    return undefined;
  }
  // A server that the caller does not see is not there.
  const isHidden = target?.endpoint.key !== undefined && target.endpoint.visibleTo(caller).length === 0;
  if (!target || isHidden) {
    writeAnswer(response, nothingHere(options.waysIn(caller)), headers);
    return undefined;
  }
  const accepted = acceptedBy(request.headers.accept);
  const asking = query === -1 || !url.includes('discovery=', query) ? caller : withDiscovery(caller, url.slice(query));
  if (asking === undefined) {
    writeAnswer(response, refusal(400, RpcCode.refused, UNKNOWN_DISCOVERY), headers);
    return undefined;
  }
  const asked: EndpointRequest = { request, response, endpoint: target.endpoint, caller: asking, accepted, headers };
  return target.transport === 'streamable'
    ? options.mcp.serve(asked)
    : options.sse.serve(asked, target.transport, path);
}

/** Whether a frame may be an answer to what was asked in a session. */
function namesSession({ method, url, headers }: ReceivedRequest): boolean {
  return method === 'POST' && (headers['mcp-session-id'] !== undefined || url?.includes('sessionId=') === true);
}

/**
 * The path and query of a request. One to a proxy names the host before them, which every server must take; it is taken where it is the host that was
 * judged. Source: RFC 9112, section 3.2.2.
 */
function originForm({ url = '/', headers: { host } }: ReceivedRequest): string {
  if (url.startsWith('/')) return url;
  const [start, authority] = /^https?:\/\/([^/?#]+)/i.exec(url) ?? [];
  return start !== undefined && authority?.toLowerCase() === host?.toLowerCase() ? url.slice(start.length) || '/' : url;
}

async function showPage(
  response: HttpResponse,
  caller: Principal | Denial,
  page: Page,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const principal = caller.kind === 'principal' ? caller : undefined;
  const answer = await page.handle(principal);
  if (answer !== 'answered') writeAnswer(response, answer ?? nothingHere(), headers);
}

/** The caller as its address says that it wants to find tools; undefined where that is no way to find them. */
function withDiscovery(caller: Principal, query: string): Principal | undefined {
  const discovery = new URLSearchParams(query).get('discovery');
  if (discovery === null) return caller;
  return isDiscovery(discovery) ? { ...caller, discovery } : undefined;
}

function nothingHere(waysIn: readonly string[] = []): HttpAnswer {
  const known = waysIn.length > WAYS_SHOWN ? [...waysIn.slice(0, WAYS_SHOWN), '...'] : waysIn;
  const more = known.length === 0 ? '' : `; MCP is spoken at ${known.join(', ')}`;
  return refusal(404, RpcCode.sessionNotFound, `Nothing is served here${more}`);
}

function turnAway(
  request: ReceivedRequest,
  response: HttpResponse,
  { status, reason, message, headers }: Denial,
  { access, observer }: ListenerOptions,
): void {
  observer.turnedAway({ status, reason, remoteAddress: request.socket.remoteAddress });
  writeAnswer(
    response,
    refusal(status, RpcCode.refused, message, undefined, headers),
    access().guard.corsHeaders(request),
  );
}
