import { SessionExpiredError, UpstreamRefusedError } from '../errors.ts';
import { readFrame } from '../protocol/frame/frame.ts';
import { RpcError } from '../protocol/rpc-error.ts';
import type { Refusal } from '../transport/server-link.ts';

/**
 * What an HTTP refusal means. A status that says the session is gone is believed whatever the body says: nothing ran then, and
 * the request can be sent again in a new session. Otherwise a JSON-RPC error in the body is the server's own answer.
 * Source: MCP specification 2025-11-25, "Transports", session management.
 */
export function refusalError(
  { status, body }: Refusal,
  server: string,
  hasSession: boolean,
): { readonly error: Error; readonly isExpired: boolean } {
  const said = errorIn(body);
  if (hasSession && (status === 404 || (status === 400 && /session/i.test(said?.message ?? body.toString('utf8'))))) {
    return { error: new SessionExpiredError({ server }), isExpired: true };
  }
  return { error: said ?? new UpstreamRefusedError({ server, status }), isExpired: false };
}

function errorIn(body: Buffer): RpcError | undefined {
  try {
    const frame = readFrame(body, { bom: true });
    return frame.kind === 'error' && Number.isInteger(frame.error.value('code'))
      ? RpcError.received(frame.error)
      : undefined;
  } catch {
    return undefined;
  }
}
