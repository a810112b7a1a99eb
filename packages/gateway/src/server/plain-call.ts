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
import { encodeHeader } from '../upstream/param-headers.ts';
import type { Exchange, Peer } from '../upstream/peer.ts';
import { EventStream } from './event-stream.ts';
import { wants } from './front.ts';
import type { JsonAnswer } from './http-message.ts';

/** The revision whose tool calls are answered here. */
const REVISION = '2026-07-28';

/** A tool call that nothing is unusual about. */
export interface PlainCall {
  readonly id: string | number;
  readonly method: 'tools/call';
  readonly params: JsonObject & { readonly _meta: JsonObject };
}

/**
 * Whether a request is a tool call of the 2026 era whose headers and envelope are in order and which continues no earlier
 * one. What is not goes to the SDK, which knows all the ways in which requests can be wrong.
 */
export function isPlainCall(body: JsonObject, headers: Headers): body is JsonObject & PlainCall {
  const { method, params } = body;
  if (method !== 'tools/call' || !isObject(params) || !isObject(params._meta) || typeof params.name !== 'string') {
    return false;
  }
  if ('inputResponses' in params || 'requestState' in params || params._meta[PROTOCOL_VERSION_META_KEY] !== REVISION) {
    return false;
  }
  const said = [headers.get('mcp-protocol-version'), headers.get('mcp-method'), headers.get('mcp-name')];
  const meant = [REVISION, method, encodeHeader(params.name)];
  if (said.some((value, i) => value !== meant[i]) || headers.get('content-type') !== 'application/json') return false;
  return hasPlainFrame(body) && (hasKnownEnvelope(params._meta) || isInOrder(body, params._meta));
}

function hasPlainFrame({ jsonrpc, id, method, params, ...more }: JsonObject): boolean {
  const identified = typeof id === 'string' || Number.isSafeInteger(id);
  return jsonrpc === '2.0' && identified && Object.keys(more).length === 0;
}

/** Envelopes that the SDK has found in order: a client says the same with each request. */
const known = new Set<string>();
const MAX_KNOWN = 1_000;

function hasKnownEnvelope(meta: JsonObject): boolean {
  return known.has(envelopeKey(meta));
}

function isInOrder(body: JsonObject, meta: JsonObject): boolean {
  if (classifyInboundRequest({ httpMethod: 'POST', body }).kind !== 'modern') return false;
  if (known.size >= MAX_KNOWN) known.clear();
  known.add(envelopeKey(meta));
  return true;
}

/** All that is checked of an envelope. */
function envelopeKey(meta: JsonObject): string {
  const { progressToken: token } = meta;
  const tokenKind = Number.isSafeInteger(token) ? 'integer' : typeof token;
  const said = [CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY].map((key) => meta[key]);
  return JSON.stringify([tokenKind, ...said]);
}

/**
 * Answers a plain call. The SDK would make a server of its own for it and hand the frame through it, which takes longer
 * than everything else that the gateway does for the call.
 */
export function answerPlainCall(
  { id, method, params }: PlainCall,
  signal: AbortSignal,
  dispatcher: Dispatcher,
  peer: Peer,
): Promise<Response | JsonAnswer> {
  const { promise, resolve } = Promise.withResolvers<Response | JsonAnswer>();
  let stream: EventStream | undefined;
  const meta = withoutEnvelope(params._meta);
  const exchange: Exchange = {
    peer,
    signal,
    progressToken: meta.progressToken as Exchange['progressToken'],
    notify: async (message) => {
      if (!wants(message, peer.logLevel, peer.era)) return;
      if (!stream) {
        stream = new EventStream();
        resolve(stream.response);
      }
      stream.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    },
    ask: peer.ask,
  };
  const end = (status: number, outcome: JsonObject): void => {
    const json = JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
    resolve({ status, json });
    stream?.send(json);
    stream?.close();
  };
  const { _meta, ...own } = params;
  const sent = Object.keys(meta).length > 0 ? { ...own, _meta: meta } : own;
  dispatcher.handle({ method, params: sent }, exchange).then(
    (result) => end(200, { result: complete(result, dispatcher.endpoint.infoFor(peer.caller)) }),
    (error: unknown) => end(statusOf(error), { error: toErrorObject(error) }),
  );
  return promise;
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
function complete(result: JsonObject, serverInfo: Implementation): JsonObject {
  const { _meta: meta = {}, resultType = 'complete' } = result;
  if (!isObject(meta) || meta[SERVER_INFO_META_KEY] !== undefined) return { ...result, resultType };
  return { ...result, resultType, _meta: { ...meta, [SERVER_INFO_META_KEY]: serverInfo } };
}

function toErrorObject(error: unknown): JsonObject {
  const { code, message = 'Internal error', data } = error as { code?: unknown; message?: string; data?: unknown };
  const known = Number.isSafeInteger(code) ? code : ProtocolErrorCode.InternalError;
  return { code: known, message, ...(data !== undefined && { data }) };
}

/** Errors of handlers come with 200, but for the one that a client must mend before it asks again. */
function statusOf(error: unknown): number {
  return isObject(error) && error.code === ProtocolErrorCode.MissingRequiredClientCapability ? 400 : 200;
}
