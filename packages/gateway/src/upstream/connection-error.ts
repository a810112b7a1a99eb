import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { UpstreamLostError, UpstreamRefusedError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { isObject, textOf } from './message.ts';

/** What went wrong with a request, in the gateway's words, and whether the connection is of no more use. */
export interface UpstreamFailure {
  readonly error: unknown;
  readonly broken: boolean;
}

const CONNECTION_GONE: readonly SdkErrorCode[] = [
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.SendFailed,
];

/**
 * The server's own JSON-RPC errors stay as they are, in whatever HTTP status they came; what the SDK throws about the
 * connection is put into words.
 */
export function toUpstreamError(cause: unknown, server: string, method: string, streamLost: boolean): UpstreamFailure {
  if (cause instanceof ProtocolError) return { error: cause, broken: false };
  if (streamLost) return { error: new UpstreamLostError({ server, method }, { cause }), broken: false };
  if (cause instanceof SdkHttpError) return toRefusal(cause, server);
  if (cause instanceof SdkError) {
    if (!CONNECTION_GONE.includes(cause.code)) return { error: cause, broken: false };
    return { error: new UpstreamLostError({ server, method }, { cause }), broken: true };
  }
  // One broken socket says nothing of the requests on the others; an address that cannot be reached does.
  const broken = !isFetchFailure(cause) || UNREACHABLE.has(codeOf(cause.cause));
  return { error: new UpstreamLostError({ server, method }, { cause }), broken };
}

const UNREACHABLE: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function isFetchFailure(cause: unknown): cause is TypeError {
  return cause instanceof TypeError && cause.message === 'fetch failed';
}

/** A name with several addresses fails with several errors in one. */
function codeOf(cause: unknown): unknown {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return isObject(cause) ? cause.code : undefined;
}

/** The code that servers give to a session they do not know, which is what happens when one was restarted. */
const SESSION_NOT_FOUND = -32_001;

function toRefusal(cause: SdkHttpError, server: string): UpstreamFailure {
  const body = parseJson(textOf(cause.data.text));
  const said = isObject(body) && isObject(body.error) ? body.error : undefined;
  const { status = 0 } = cause;
  if (said && Number.isInteger(said.code) && said.code !== SESSION_NOT_FOUND) {
    return { error: ProtocolError.fromError(Number(said.code), textOf(said.message), said.data), broken: false };
  }
  return { error: new UpstreamRefusedError({ server, status }, { cause }), broken: status === 404 };
}
