import {
  claimsModern,
  type Envelope,
  type EnvelopeProblem,
  isModernEnvelope,
  isProblem,
  missingEnvelopeKeys,
  readEnvelope,
} from './envelope.ts';
import { isModernVersion, MetaKey, MODERN_VERSION } from './era.ts';
import type { NotificationFrame, RequestFrame } from './frame/frame.ts';
import { decodeHeader } from './header-text.ts';
import { factsOf } from './methods.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/** The headers by which a modern request says again what its body says. */
export interface StandardHeaders {
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/** Of which era a message is, or why it is refused; refusals have an HTTP status of their own. */
export type Inbound =
  | { readonly era: 'legacy' }
  | { readonly era: 'modern'; readonly envelope: Envelope | undefined }
  | { readonly era: 'none'; readonly error: RpcError; readonly status: number };

const LEGACY: Inbound = { era: 'legacy' };
const MODERN: Inbound = { era: 'modern', envelope: undefined };
const NO_HEADERS: StandardHeaders = { version: undefined, method: undefined, name: undefined };

/**
 * Tells the era of a request by its body; headers may only confirm it. An `initialize` is legacy unless it carries a modern
 * envelope in order. Source: MCP specification 2026-07-28, "Transports", "Lifecycle", server validation.
 */
export function classifyRequest(frame: RequestFrame, headers?: StandardHeaders): Inbound {
  const { method, params } = frame;
  const { version } = headers ?? NO_HEADERS;
  const namesModern = version !== undefined && isModernVersion(version);
  if (method === 'initialize' && !isModernEnvelope(params)) {
    return namesModern ? mismatch(version, 'an initialize request belongs to an earlier revision') : LEGACY;
  }
  if (claimsModern(params)) return classifyClaim(frame, headers);
  if (!namesModern) return LEGACY;
  const missing = missingEnvelopeKeys(params);
  return refuse(
    RpcCode.invalidParams,
    `Invalid params: the MCP-Protocol-Version header names ${version}, but the request lacks: ${missing.join(', ')}`,
    { envelope: { missing } },
  );
}

/** The same for a notification, of which less is asked. */
export function classifyNotification({ method, params }: NotificationFrame, headers: StandardHeaders): Inbound {
  const claimed = params?.object('_meta')?.value(MetaKey.protocolVersion);
  const version = headers.version;
  if (claimed !== undefined && typeof claimed !== 'string') {
    return invalidEnvelope({ key: MetaKey.protocolVersion, problem: 'expected a string' });
  }
  if (claimed !== undefined && version !== undefined && version !== claimed) {
    return mismatch(version, `the body names protocol version ${claimed}`);
  }
  const named = claimed ?? version;
  if (named === undefined || !isModernVersion(named)) return LEGACY;
  if (headers.method !== undefined && headers.method !== method) {
    return mismatch(headers.method, `the body names method ${method}`);
  }
  return MODERN;
}

/** The refusal of a revision that is not spoken here. */
export function unsupportedVersion(requested: string | undefined): RpcError {
  const data = { supported: [MODERN_VERSION], ...(requested !== undefined && { requested }) };
  return RpcError.of(
    RpcCode.unsupportedVersion,
    `Unsupported protocol version: ${requested ?? 'the request names none'}`,
    data,
  );
}

function classifyClaim({ method, params }: RequestFrame, headers: StandardHeaders | undefined): Inbound {
  const meta = params?.object('_meta');
  const envelope = meta && readEnvelope(meta);
  if (!envelope) return LEGACY;
  if (isProblem(envelope)) return invalidEnvelope(envelope);
  const { version } = envelope;
  if (headers?.version !== undefined && headers.version !== version) {
    return mismatch(headers.version, `the body names protocol version ${version}`);
  }
  if (headers?.method !== undefined && headers.method !== method) {
    return mismatch(headers.method, `the body names method ${method}`);
  }
  if (version !== MODERN_VERSION) return { era: 'none', error: unsupportedVersion(version), status: 400 };
  return headers
    ? (checkPresence(method, params, headers) ?? { era: 'modern', envelope })
    : { era: 'modern', envelope };
}

/** Headers that have to be there, and say what the body says. */
function checkPresence(
  method: string,
  params: RequestFrame['params'],
  { version, method: named, name }: StandardHeaders,
): Inbound | undefined {
  if (version === undefined) return mismatch('(missing)', 'the MCP-Protocol-Version header is required');
  if (named === undefined) return mismatch('(missing)', `the body names method ${method}; Mcp-Method is required`);
  const field = factsOf(method)?.names;
  if (field === undefined) return undefined;
  const said = params?.text(field);
  if (name === undefined) {
    return said === undefined ? undefined : mismatch('(missing)', `the body has params.${field}; Mcp-Name is required`);
  }
  const decoded = decodeHeader(name);
  if (decoded === undefined) return mismatch(name, 'the Mcp-Name header is not valid Base64');
  return said === undefined || decoded === said ? undefined : mismatch(name, `the body has another params.${field}`);
}

function mismatch(header: string, body: string): Inbound {
  return refuse(RpcCode.headerMismatch, `Bad Request: the request headers and body disagree: ${body}`, {
    mismatch: { header, body },
  });
}

function invalidEnvelope(envelope: EnvelopeProblem): Inbound {
  const { key, problem } = envelope;
  const message = `Invalid _meta envelope for protocol revision ${MODERN_VERSION}: ${key}: ${problem}`;
  return refuse(RpcCode.invalidParams, message, { envelope });
}

function refuse(code: number, message: string, data: object): Inbound {
  return { era: 'none', error: RpcError.of(code, message, data), status: 400 };
}
