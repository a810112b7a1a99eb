import { SessionExpiredError, UpstreamRefusedError } from '../errors.ts';
import { type ErrorFrame, readFrame } from '../protocol/frame/frame.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { refusalHints } from '../transport/refusal-hints.ts';
import type { Refusal } from '../transport/server-link.ts';

/** What servers answer with, by custom, that do not know a session. */
const SESSION_CODES: readonly number[] = [RpcCode.refused, RpcCode.sessionNotFound, RpcCode.invalidRequest];

/**
 * The server's answer to this very request, where a refusal is one: an error that carries its id, and no code by which
 * servers say that they do not know the session. Whatever its words and its status, nobody else's requests are concerned.
 */
export function ownError({ body }: Refusal, id: number): RpcError | undefined {
  const frame = errorFrame(body);
  if (frame?.id?.toString('latin1') !== String(id)) return undefined;
  const error = RpcError.received(frame.error);
  return SESSION_CODES.includes(error.code) ? undefined : error;
}

/**
 * What an HTTP refusal means that is no answer to its request. A status that says the session is gone is believed whatever the body says: nothing ran then, and
 * the request can be sent again in a new session. Otherwise a JSON-RPC error in the body is the server's own answer.
 * Source: MCP specification 2025-11-25, "Transports", session management.
 */
export function refusalError(
  refusal: Refusal,
  server: string,
  hasSession: boolean,
): { readonly error: Error; readonly isExpired: boolean } {
  const { status, body } = refusal;
  const said = errorIn(body);
  if (hasSession && (status === 404 || (status === 400 && /session/i.test(said?.message ?? body.toString('utf8'))))) {
    return { error: new SessionExpiredError({ server }), isExpired: true };
  }
  return { error: said ?? new UpstreamRefusedError({ server, status, ...refusalHints(refusal) }), isExpired: false };
}

function errorIn(body: Buffer): RpcError | undefined {
  const frame = errorFrame(body);
  return frame && RpcError.received(frame.error);
}

function errorFrame(body: Buffer): ErrorFrame | undefined {
  try {
    const frame = readFrame(body, { bom: true });
    return frame.kind === 'error' && Number.isInteger(frame.error.value('code')) ? frame : undefined;
  } catch {
    return undefined;
  }
}
