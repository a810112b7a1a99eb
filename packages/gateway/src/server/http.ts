import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isLegacyRequest, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import { parseJson } from '../json.ts';
import type { Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import { isObject } from '../upstream/message.ts';
import type { Door } from './door.ts';
import type { LegacyHttp } from './http-legacy.ts';
import { errorResponse, type TextAnswer, toRequest, writeResponse } from './http-message.ts';
import type { ModernHttp } from './http-modern.ts';
import type { Denial, Principal } from './principal.ts';
import { readBody } from './request-guard.ts';
import { tlsPeerOf } from './tls.ts';

export interface HttpOptions {
  /** The door of now; it changes with the configuration. */
  readonly door: () => Door;
  readonly telemetry: Observer;
  readonly maxBodyBytes: number;
  /** The endpoint of a path, or undefined where there is none. */
  readonly dispatcherFor: (path: string) => Dispatcher | undefined;
  /** Answers what is not MCP, such as `/health/live`; undefined where nothing is there. */
  readonly other: (path: string, caller: Principal | Denial, request: IncomingMessage) => Promise<Response | undefined>;
  readonly legacy: LegacyHttp;
  readonly modern: ModernHttp;
  /** Whether new work is taken; answers of clients to what they were asked always are. */
  readonly open: () => boolean;
  readonly logger: Logger;
}

/** The HTTP side: who may come in, how much they may send, and which era they speak. */
export function httpListener(options: HttpOptions): RequestListener {
  return (request, response) => {
    void serve(request, response, options).catch((error: Error) => {
      options.logger.error({ error: error.message }, 'request could not be answered');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

/** Why signals of exchanges end; made once, because a reason with a stack for each would be dear. */
const OVER = new Error('the exchange is over');

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const over = new AbortController();
  response.once('close', () => over.abort(OVER));
  const answer = await answerTo(request, over, options);
  await writeResponse(response, answer, options.door().guard.corsHeaders(request));
}

async function answerTo(
  request: IncomingMessage,
  over: AbortController,
  options: HttpOptions,
): Promise<Response | TextAnswer> {
  const { dispatcherFor, other, maxBodyBytes, telemetry } = options;
  const { guard, authenticator } = options.door();
  const turnAway = (denial: Denial): Response => {
    const { status, reason } = denial;
    telemetry.turnedAway({ status, reason, remoteAddress: request.socket.remoteAddress });
    return denied(denial);
  };
  const refused = guard.check(request);
  if (refused) return turnAway(refused);
  if (request.method === 'OPTIONS') return new Response(null, { status: 204 });
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const caller = await authenticator.authenticate({ headers: request.headers, tlsPeer: tlsPeerOf(request) });
  const dispatcher = dispatcherFor(path);
  if (!dispatcher) {
    const answer = await other(path, caller, request);
    if (answer) return answer;
  }
  if (caller.kind === 'denial') return turnAway(caller);
  if (!dispatcher || dispatcher.endpoint.visibleTo(caller).length === 0) {
    if (!dispatcher || dispatcher.endpoint.server !== undefined)
      return errorResponse(404, -32_001, 'Nothing is served here');
  }
  const body = request.method === 'POST' ? await readBody(request, maxBodyBytes) : undefined;
  if (body && 'kind' in body) return turnAway(body);
  return serveMcp(request, over, body, dispatcher, caller, options);
}

async function serveMcp(
  incoming: IncomingMessage,
  over: AbortController,
  bytes: Buffer | undefined,
  dispatcher: Dispatcher,
  caller: Principal,
  { legacy, modern, open }: HttpOptions,
): Promise<Response | TextAnswer> {
  const body = bytes && parseJson(bytes.toString('utf8'));
  if (bytes && body === undefined) return errorResponse(400, -32_700, 'Parse error: the body is not JSON');
  const isWork = bytes === undefined ? incoming.method === 'GET' : isRequest(body);
  if (isWork && !open()) return errorResponse(503, -32_000, 'The gateway is closing', { 'retry-after': '5' });
  const request = toRequest(incoming, over.signal);
  const asked = { request, over, body, dispatcher, caller };
  const isLegacy = !carriesEnvelope(body) && (await isLegacyRequest(request, body));
  return isLegacy ? legacy.serve(asked) : modern.serve(asked);
}

/** What no request of the 2025 era has; looked at first because the SDK validates all of it to find out. */
function carriesEnvelope(body: unknown): boolean {
  if (!isObject(body) || body.method === 'initialize' || !isObject(body.params)) return false;
  return isObject(body.params._meta) && PROTOCOL_VERSION_META_KEY in body.params._meta;
}

function isRequest(body: unknown): boolean {
  return Array.isArray(body)
    ? body.some(isRequest)
    : isObject(body) && body.method !== undefined && body.id !== undefined;
}

function denied({ status, message, headers }: Denial): Response {
  return errorResponse(status, -32_000, message, headers);
}
