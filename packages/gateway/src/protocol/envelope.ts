import { isModernVersion, MetaKey, MODERN_VERSION } from './era.ts';
import type { ObjectText } from './frame/object-text.ts';
import { LOG_LEVELS } from './log-level.ts';

/** What a client says of itself, its capabilities or its name and more, each: it is kept as long as the client is there. */
export const MAX_ABOUT_BYTES: number = 64 * 1024;

/** What a modern request says of its sender, in `params._meta`. */
export interface Envelope {
  readonly version: string;
  readonly capabilities: ObjectText;
  readonly clientInfo: ObjectText | undefined;
  readonly logLevel: string | undefined;
}

/** The first thing that is wrong with an envelope. */
export interface EnvelopeProblem {
  readonly key: string;
  readonly problem: string;
}

const ENVELOPE_KEYS = [MetaKey.protocolVersion, MetaKey.clientInfo, MetaKey.clientCapabilities, MetaKey.logLevel];

/** Whether a message claims to be of the modern era, in order or not. */
export function claimsModern(params: ObjectText | undefined): boolean {
  return params?.object('_meta')?.has(MetaKey.protocolVersion) === true;
}

/**
 * Reads the envelope of a request.
 * Source: MCP specification 2026-07-28, "Base protocol", request metadata.
 */
export function readEnvelope(meta: ObjectText): Envelope | EnvelopeProblem {
  const problem = findProblem(meta);
  if (problem) return problem;
  const capabilities = meta.object(MetaKey.clientCapabilities);
  if (!capabilities) return { key: MetaKey.clientCapabilities, problem: 'missing' };
  return {
    version: meta.text(MetaKey.protocolVersion) ?? '',
    capabilities,
    clientInfo: meta.object(MetaKey.clientInfo),
    logLevel: meta.text(MetaKey.logLevel),
  };
}

export function isProblem(read: Envelope | EnvelopeProblem): read is EnvelopeProblem {
  return 'problem' in read;
}

/** Whether it is whole, in order, and of a modern revision: such a request is modern whatever its method. */
export function isModernEnvelope(params: ObjectText | undefined): boolean {
  const meta = params?.object('_meta');
  if (!meta?.has(MetaKey.protocolVersion)) return false;
  const read = readEnvelope(meta);
  return !isProblem(read) && isModernVersion(read.version);
}

/** The keys a request lacks whose header says that it is modern. */
export function missingEnvelopeKeys(params: ObjectText | undefined): readonly string[] {
  const meta = params?.object('_meta');
  if (!meta) return ['_meta'];
  const missing = [MetaKey.protocolVersion, MetaKey.clientCapabilities].filter((key) => !meta.has(key));
  return missing.length > 0 ? missing : [MetaKey.protocolVersion];
}

/** The parameters without the envelope, which is for the gateway: servers are told of the sender in a way of their own. */
export function withoutEnvelope(params: ObjectText): ObjectText {
  const meta = params.object('_meta');
  if (!meta) return params;
  const rest = meta.without(...ENVELOPE_KEYS);
  const [more] = rest.keys();
  return more === undefined ? params.without('_meta') : params.with('_meta', rest);
}

/** Says of the sender what each modern request has to say. */
export function withEnvelope(
  meta: ObjectText,
  clientInfo: ObjectText,
  capabilities: ObjectText,
  logLevel: string | undefined,
): ObjectText {
  const said = meta
    .with(MetaKey.protocolVersion, VERSION_JSON)
    .with(MetaKey.clientInfo, clientInfo)
    .with(MetaKey.clientCapabilities, capabilities);
  return logLevel === undefined ? said : said.withValue(MetaKey.logLevel, logLevel);
}

const VERSION_JSON = Buffer.from(`"${MODERN_VERSION}"`);

function findProblem(meta: ObjectText): EnvelopeProblem | undefined {
  for (const key of [MetaKey.protocolVersion, MetaKey.clientCapabilities]) {
    if (!meta.has(key)) return { key, problem: 'missing' };
  }
  const expected = (key: string, what: string): EnvelopeProblem => ({ key, problem: `expected ${what}` });
  if (meta.text(MetaKey.protocolVersion) === undefined) return expected(MetaKey.protocolVersion, 'a string');
  if (!meta.object(MetaKey.clientCapabilities)) return expected(MetaKey.clientCapabilities, 'an object');
  if (meta.has(MetaKey.clientInfo)) {
    const info = meta.object(MetaKey.clientInfo);
    if (!info) return expected(MetaKey.clientInfo, 'an object');
    for (const key of ['name', 'version']) {
      if (info.text(key) === undefined) return expected(`${MetaKey.clientInfo}.${key}`, 'a string');
    }
  }
  for (const key of [MetaKey.clientCapabilities, MetaKey.clientInfo]) {
    if ((meta.object(key)?.byteLength ?? 0) > MAX_ABOUT_BYTES) return expected(key, `at most ${MAX_ABOUT_BYTES} bytes`);
  }
  if (meta.has(MetaKey.logLevel) && !LOG_LEVELS.includes(meta.text(MetaKey.logLevel) ?? '')) {
    return expected(MetaKey.logLevel, `one of ${LOG_LEVELS.join(', ')}`);
  }
  if (meta.has('progressToken') && !isToken(meta.value('progressToken'))) {
    return expected('progressToken', 'a string or a number');
  }
  return undefined;
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
