import { LockgateError } from '@lockgate/abi/without-guests';
import type { Redact } from '../config/secrets.ts';
import { BadRequestError, UnknownNameError } from '../errors.ts';
import { LimitReachedError } from '../limits/limit-reached-error.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** Under this key an error result says which of the documented codes it is. */
export const ERROR_META_KEY = 'dev.lockgate/error';

/** Under this key the result of a call that a limit refused says in how many seconds another may be made. */
const RETRY_META_KEY = 'dev.lockgate/retryAfterSeconds';

const asIs: Redact = (text) => text;

/**
 * The error result of a tool call that failed on the gateway's side: it is the model that has to do something about it.
 *
 * @throws what is not for the model: JSON-RPC errors of the server, bad requests, and faults of the gateway itself.
 */
export function toToolError(error: unknown, redact: Redact = asIs): ObjectText {
  if (!LockgateError.isInstance(error) || error instanceof BadRequestError) throw error;
  const content = [{ type: 'text', text: redact(error.message) }];
  const later = error instanceof LimitReachedError && { [RETRY_META_KEY]: error.facts.retryAfterSeconds };
  return ObjectText.from({ content, isError: true, _meta: { [ERROR_META_KEY]: error.code, ...later } });
}

/** The JSON-RPC error that a client gets; the server's own pass as they are, without secrets that were meant for the server. */
export function toRpcError(error: unknown, redact: Redact = asIs): RpcError {
  if (error instanceof RpcError) return error.isReceived ? withoutSecrets(error, redact) : error;
  if (error instanceof LimitReachedError) {
    const { limit, retryAfterSeconds } = error.facts;
    return RpcError.of(RpcCode.limitReached, redact(error.message), { code: error.code, limit, retryAfterSeconds });
  }
  if (LockgateError.isInstance(error)) {
    const isTheirs = error instanceof UnknownNameError || error instanceof BadRequestError;
    const code = isTheirs ? RpcCode.invalidParams : RpcCode.internalError;
    return RpcError.of(code, redact(error.message), { code: error.code });
  }
  return RpcError.of(RpcCode.internalError, redact(error instanceof Error ? error.message : String(error)));
}

/** A server may quote the very token that it was given. */
function withoutSecrets(error: RpcError, redact: Redact): RpcError {
  const said = error.text.toValue();
  const masked = maskedValue(said, redact);
  return masked === said ? error : RpcError.received(ObjectText.from(masked as JsonObject));
}

/** The very value where nothing of it is masked. */
function maskedValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  const whole = Object.entries(value);
  const masked = whole.map(([key, inner]): [string, unknown] => [redact(key), maskedValue(inner, redact)]);
  const isSame = masked.every(([key, inner], index) => key === whole[index]?.[0] && inner === whole[index]?.[1]);
  if (isSame) return value;
  return Array.isArray(value) ? masked.map(([, inner]) => inner) : Object.fromEntries(masked);
}
