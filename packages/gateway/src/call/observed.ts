import { bareKeptUri } from '../answers/kept-uri.ts';
import type { ObservedRequest, Observer, RequestOutcome, TraceContext } from '../observer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { factsOf } from '../protocol/methods.ts';
import type { RpcError } from '../protocol/rpc-error.ts';
import { ERROR_META_KEY } from './outcome.ts';

const TRUE = 0x74;

/** Begins to observe a request. */
export function beginObserved(observer: Observer, exchange: Exchange, server: string | undefined): ObservedRequest {
  const { peer, message, byteLength, script } = exchange;
  const { method, params } = message;
  const names = factsOf(method)?.names ?? (method === 'completion/complete' ? undefined : 'uri');
  const named = names && params?.text(names);
  const observed = observer.begin({
    principal: peer.caller.name,
    session: peer.key,
    method,
    trace: traceOf(params),
    target: names === 'uri' && named !== undefined ? bareKeptUri(named) : named,
    requestBytes: byteLength,
    script: script?.id,
  });
  if (server !== undefined) observed.routedTo(server);
  return observed;
}

/** The exchange with the request's own trace context in what is sent on, where it is traced. */
export function traced(exchange: Exchange, trace: TraceContext | undefined): Exchange {
  if (!trace) return exchange;
  const { method, params = ObjectText.EMPTY } = exchange.message;
  const meta = (params.object('_meta') ?? ObjectText.EMPTY)
    .withValue('traceparent', trace.traceparent)
    .withValue('tracestate', trace.tracestate);
  return { ...exchange, message: { method, params: params.with('_meta', meta) } };
}

/** Codes with which the reference monitor and the limits say no. */
const DENIALS: ReadonlySet<unknown> = new Set([
  'GATEWAY_FLOW_DENIED',
  'GATEWAY_GUARD_FAILED',
  'GATEWAY_TOOL_CALL_LIMIT',
  'GATEWAY_LIMIT_REACHED',
  'GATEWAY_APPROVAL_NEEDED',
  'GATEWAY_APPROVAL_DENIED',
  'GATEWAY_WITHHELD',
]);

/**
 * @param isFiltered - Whether a part of it was withheld.
 * @param savedBytes - By how much it was made smaller. @default it was not
 */
export function outcomeOfResult(result: ObjectText, isFiltered: boolean, savedBytes?: number): RequestOutcome {
  const responseBytes = result.byteLength;
  if (result.bytes('isError')?.[0] !== TRUE)
    return { verdict: isFiltered ? 'filtered' : 'ok', responseBytes, savedBytes };
  const code = result.object('_meta')?.text(ERROR_META_KEY);
  return code === undefined ? { verdict: 'error', responseBytes } : { ...ofCode(code), responseBytes };
}

export function outcomeOfError(error: RpcError): RequestOutcome {
  const code = error.text.object('data')?.text('code');
  if (code?.startsWith('GATEWAY_')) return ofCode(code);
  return { verdict: error.isReceived ? 'error' : 'failed', reason: String(error.code) };
}

function ofCode(code: string): RequestOutcome {
  return { verdict: DENIALS.has(code) ? 'denied' : 'failed', reason: code };
}

function traceOf(params: ObjectText | undefined): TraceContext | undefined {
  const meta = params?.object('_meta');
  const traceparent = meta?.text('traceparent');
  if (traceparent === undefined) return undefined;
  return { traceparent, tracestate: meta?.text('tracestate') };
}
