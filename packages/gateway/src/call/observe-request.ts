import type { Observer, RequestOutcome, TraceContext } from '../observer.ts';
import { isObject, type JsonObject, type Message } from '../upstream/message.ts';
import type { Exchange } from '../upstream/peer.ts';
import { jsonSize } from './json-size.ts';
import { ERROR_META_KEY } from './outcome.ts';

type Work = (message: Message, exchange: Exchange) => Promise<JsonObject>;

/** Answers one request of a client and observes it: what is sent on carries this request's trace context. */
export async function observeRequest(
  observer: Observer,
  message: Message,
  exchange: Exchange,
  server: string | undefined,
  work: Work,
): Promise<JsonObject> {
  const { method, params } = message;
  const target = params?.name ?? params?.uri;
  const request = observer.begin({
    principal: exchange.peer.caller.name,
    session: exchange.peer.key,
    method,
    trace: traceOf(params),
    target: typeof target === 'string' ? target : undefined,
    requestBytes: jsonSize(params),
  });
  if (server !== undefined) request.routedTo(server);
  const { trace } = request;
  const sent = trace ? { method, params: { ...params, _meta: { ...metaOf(params), ...trace } } } : message;
  try {
    const result = await work(sent, { ...exchange, routedTo: (name) => request.routedTo(name) });
    request.end(outcomeOf(result));
    return result;
  } catch (error) {
    request.end(exchange.signal.aborted ? { verdict: 'cancelled' } : failureOf(error));
    throw error;
  }
}

function metaOf(params: JsonObject | undefined): JsonObject {
  return isObject(params?._meta) ? params._meta : {};
}

function traceOf(params: JsonObject | undefined): TraceContext | undefined {
  const { traceparent, tracestate } = metaOf(params);
  if (typeof traceparent !== 'string') return undefined;
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent };
}

/** Codes with which the reference monitor and the limits say no. */
const DENIALS: ReadonlySet<unknown> = new Set([
  'GATEWAY_FLOW_DENIED',
  'GATEWAY_GUARD_FAILED',
  'GATEWAY_TOOL_CALL_LIMIT',
]);

function outcomeOf(result: JsonObject): RequestOutcome {
  const responseBytes = jsonSize(result);
  if (result.isError !== true) return { verdict: 'ok', responseBytes };
  const code = metaOf(result)[ERROR_META_KEY];
  return typeof code === 'string' ? { ...ofCode(code), responseBytes } : { verdict: 'error', responseBytes };
}

function failureOf(error: unknown): RequestOutcome {
  const { data, code } = (error ?? {}) as { data?: unknown; code?: unknown };
  if (isObject(data) && typeof data.code === 'string') return ofCode(data.code);
  return { verdict: 'error', reason: typeof code === 'number' ? String(code) : undefined };
}

function ofCode(code: string): RequestOutcome {
  return { verdict: DENIALS.has(code) ? 'denied' : 'failed', reason: code };
}
