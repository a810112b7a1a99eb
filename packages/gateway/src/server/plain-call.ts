import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  classifyInboundRequest,
  type Implementation,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import type { Dispatcher } from '../call/dispatcher.ts';
import { isObject, type JsonObject } from '../upstream/message.ts';
import type { Exchange, Peer } from '../upstream/peer.ts';
import { wants } from './front.ts';

/** The revision whose tool calls are answered here. */
export const REVISION = '2026-07-28';

/** A tool call that nothing is unusual about. */
export interface PlainCall {
  readonly id: string | number;
  readonly method: 'tools/call';
  readonly params: JsonObject & { readonly name: string };
}

/** A plain call that says of its sender what calls of the 2026 era have to say. */
export type ModernCall = PlainCall & { readonly params: { readonly _meta: JsonObject } };

/** The other end of one call. */
export interface CallWire {
  readonly peer: Peer;
  /** Ends when the client no longer waits. */
  readonly signal: AbortSignal;
  /** Asks the client something while it waits. */
  readonly ask: Exchange['ask'];
  /** Sends a frame that belongs to the call. */
  notify(frame: JsonObject): void;
  /** The call's result as this client is to get it. */
  encode(result: JsonObject): JsonObject;
  /** Sends the answer; `error` where it is one. */
  end(frame: JsonObject, error?: unknown): void;
}

/**
 * Whether a frame is a tool call that continues no earlier one. What is not goes to the SDK, which knows all the ways in
 * which requests can be wrong.
 */
export function isPlainCall(frame: JsonObject): frame is JsonObject & PlainCall {
  const { jsonrpc, id, method, params, ...more } = frame;
  if (method !== 'tools/call' || jsonrpc !== '2.0' || !isObject(params) || typeof params.name !== 'string')
    return false;
  if ('inputResponses' in params || 'requestState' in params || Object.keys(more).length > 0) return false;
  return typeof id === 'string' || Number.isSafeInteger(id);
}

/** Envelopes that the SDK has found in order: a client says the same with each request. Long ones are not remembered. */
const known = new Set<string>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 4_096;

export function isModernCall(call: PlainCall): call is ModernCall {
  const { _meta: meta } = call.params;
  if (!isObject(meta) || meta[PROTOCOL_VERSION_META_KEY] !== REVISION) return false;
  const key = envelopeKey(meta);
  if (known.has(key)) return true;
  if (classifyInboundRequest({ httpMethod: 'POST', body: call }).kind !== 'modern') return false;
  if (known.size >= MAX_KNOWN) known.clear();
  if (key.length <= MAX_KNOWN_LENGTH) known.add(key);
  return true;
}

/** All that is checked of an envelope. */
function envelopeKey(meta: JsonObject): string {
  const { progressToken: token } = meta;
  const tokenKind = Number.isSafeInteger(token) ? 'integer' : typeof token;
  const said = [CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY].map((key) =>
    key in meta ? [meta[key]] : [],
  );
  return JSON.stringify([tokenKind, ...said]);
}

/**
 * Answers a plain call. The SDK would check and copy the frame several times on its way to the dispatcher and back, which
 * takes longer than everything else that the gateway does for the call.
 */
export async function answerPlainCall(
  { id, method, params }: PlainCall,
  dispatcher: Dispatcher,
  wire: CallWire,
): Promise<void> {
  const { peer, signal, ask } = wire;
  const meta = isObject(params._meta) ? withoutEnvelope(params._meta) : {};
  const exchange: Exchange = {
    peer,
    signal,
    ask,
    progressToken: meta.progressToken as Exchange['progressToken'],
    notify: async (message) => {
      if (wants(message, peer.logLevel, peer.era)) wire.notify({ jsonrpc: '2.0', ...message });
    },
  };
  const { _meta, ...own } = params;
  const sent = Object.keys(meta).length > 0 ? { ...own, _meta: meta } : own;
  const outcome = await dispatcher
    .handle({ method, params: sent }, exchange)
    .then((result) => ({ said: { result: wire.encode(result) }, error: undefined }))
    .catch((error: unknown) => ({ said: { error: toErrorObject(error) }, error }));
  wire.end({ jsonrpc: '2.0', id, ...outcome.said }, outcome.error);
}

/** What a request says of its sender is for the gateway; servers are told in a way of their own. */
function withoutEnvelope({
  [PROTOCOL_VERSION_META_KEY]: _version,
  [CLIENT_CAPABILITIES_META_KEY]: _capabilities,
  [CLIENT_INFO_META_KEY]: _info,
  [LOG_LEVEL_META_KEY]: _level,
  ...meta
}: JsonObject): JsonObject {
  return meta;
}

/** Every result of the 2026 era says that it is whole, and whose it is. */
export function complete(result: JsonObject, serverInfo: Implementation): JsonObject {
  const { _meta: meta = {}, resultType = 'complete' } = result;
  if (!isObject(meta) || meta[SERVER_INFO_META_KEY] !== undefined) return { ...result, resultType };
  return { ...result, resultType, _meta: { ...meta, [SERVER_INFO_META_KEY]: serverInfo } };
}

function toErrorObject(error: unknown): JsonObject {
  const { code, message = 'Internal error', data } = error as { code?: unknown; message?: string; data?: unknown };
  const told = Number.isSafeInteger(code) ? code : ProtocolErrorCode.InternalError;
  return { code: told, message, ...(data !== undefined && { data }) };
}
