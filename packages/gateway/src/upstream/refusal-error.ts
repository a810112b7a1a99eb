import { SessionExpiredError, UpstreamRefusedError } from '../errors.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { type ErrorFrame, readFrame } from '../protocol/frame/frame.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { refusalHints } from '../transport/refusal-hints.ts';
import type { Refusal, ServerLink } from '../transport/server-link.ts';

/** What servers answer with, by custom, that do not know a session. */
const SESSION_CODES: readonly number[] = [RpcCode.refused, RpcCode.sessionNotFound, RpcCode.invalidRequest];

/** What servers of the modern era answer to requests of another revision. The gateway writes revision and headers, and no client does. */
const REVISION_CODES: readonly number[] = [RpcCode.headerMismatch, RpcCode.unsupportedVersion];

/** How servers of the legacy era say that they know nothing of a handshake, or of the revision that was agreed on. */
const UNKNOWN_HANDSHAKE = /session.?id\b|not initialized|protocol.version/i;

/** What is agreed on with a server that refuses a request. */
export interface Standing {
  /** Whether requests carry the id of a session. */
  readonly hasSession: boolean;
  /** In which era it has been greeted; none where that still goes on, or has just been done for this very request. */
  readonly era: Era | undefined;
}

/**
 * What is agreed on for a request of a client. The session of one that is sent again is new: what is refused then is the request, and others go on.
 *
 * @param era - In which the server has been greeted, once that is over.
 */
export function standingOf(link: ServerLink, exchange: Exchange | undefined, era: Era | undefined): Standing {
  if (exchange?.isResent) return { hasSession: false, era: undefined };
  return { hasSession: 'hasSession' in link && link.hasSession === true, era: exchange && era };
}

/**
 * The server's answer to this very request, where a refusal is one: an error that carries its id, and no code by which
 * servers say that they do not know the session or the revision. Whatever its words and its status, nobody else's requests are concerned.
 */
export function ownError({ body }: Refusal, id: number): RpcError | undefined {
  const frame = errorFrame(body);
  if (frame?.id?.toString('latin1') !== String(id)) return undefined;
  const error = RpcError.received(frame.error);
  return SESSION_CODES.includes(error.code) || REVISION_CODES.includes(error.code) ? undefined : error;
}

/**
 * What an HTTP refusal means that is no answer to its request. A status that says the session is gone is believed whatever the body says: nothing ran then, and
 * the request can be sent again in a new session. The same holds where another version of the server has taken its place, which speaks another era or
 * revision than was agreed on. Otherwise a JSON-RPC error in the body is the server's own answer.
 * Source: MCP specification 2025-11-25, "Transports", session management; 2026-07-28, "Versioning".
 */
export function refusalError(
  refusal: Refusal,
  server: string,
  { hasSession, era }: Standing,
): { readonly error: Error; readonly isExpired: boolean } {
  const { status, body } = refusal;
  const said = errorIn(body);
  const words = status === 400 ? (said?.message ?? body.toString('utf8')) : '';
  const isForgotten = hasSession && (status === 404 || /session/i.test(words));
  const isOfAnother = era !== undefined && status === 400 && speaksOtherwise(said?.code, words, era);
  if (isForgotten || isOfAnother) {
    return { error: new SessionExpiredError({ server }), isExpired: true };
  }
  return { error: said ?? new UpstreamRefusedError({ server, status, ...refusalHints(refusal) }), isExpired: false };
}

function speaksOtherwise(code: number | undefined, words: string, era: Era): boolean {
  if (code === RpcCode.unsupportedVersion || (code === RpcCode.headerMismatch && era === 'legacy')) return true;
  return (code === undefined || SESSION_CODES.includes(code)) && UNKNOWN_HANDSHAKE.test(words);
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
