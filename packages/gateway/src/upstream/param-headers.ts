import { isObject, type JsonObject } from './message.ts';

/** An argument that is also sent as a header. */
interface Mirrored {
  /** Names of properties, from the arguments' root. */
  readonly path: readonly string[];
  readonly header: string;
  readonly numeric: boolean;
}

const declared = new WeakMap<object, readonly Mirrored[]>();

/**
 * The `Mcp-Param-*` headers of a tool call, by which proxies may route without reading the body.
 * Source: MCP specification 2026-07-28, "Custom headers from tool parameters".
 */
export function paramHeaders(
  tool: JsonObject | undefined,
  args: unknown,
): Readonly<Record<string, string>> | undefined {
  const mirrored = mirroredArguments(tool);
  if (mirrored.length === 0) return undefined;
  const headers: Record<string, string> = {};
  for (const { path, header } of mirrored) {
    const value = toText(valueAt(args, path));
    if (value !== undefined) headers[header] = encodeHeader(value);
  }
  return headers;
}

/** What is wrong with the `Mcp-Param-*` headers of a call; undefined when they say what the arguments say. */
export function headerMismatch(tool: JsonObject, args: unknown, headers: Headers): string | undefined {
  for (const { path, header, numeric } of mirroredArguments(tool)) {
    const expected = toText(valueAt(args, path));
    if (expected === undefined) continue;
    const given = headers.get(header);
    if (given === null) return `the header ${header} is missing`;
    const decoded = decode(given);
    if (decoded === undefined) return `the header ${header} is not valid Base64`;
    const equal = decoded === expected || (numeric && decoded.trim() !== '' && Number(decoded) === Number(expected));
    if (!equal) return `the header ${header} does not say what the argument says`;
  }
  return undefined;
}

function mirroredArguments(tool: JsonObject | undefined): readonly Mirrored[] {
  const schema = tool?.inputSchema;
  if (!isObject(schema)) return [];
  const known = declared.get(schema);
  if (known) return known;
  const found = [...find(schema, [])];
  declared.set(schema, found);
  return found;
}

function* find(schema: JsonObject, path: readonly string[]): Generator<Mirrored> {
  const name = schema['x-mcp-header'];
  if (typeof name === 'string' && path.length > 0 && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    yield { path, header: `Mcp-Param-${name}`, numeric: schema.type === 'integer' || schema.type === 'number' };
  }
  if (!isObject(schema.properties)) return;
  for (const [key, child] of Object.entries(schema.properties)) if (isObject(child)) yield* find(child, [...path, key]);
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root);
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isFinite(value) ? String(value) : undefined;
}

const BASE64 = /^=\?base64\?(.*)\?=$/s;

/** A header cannot hold every text. Source: MCP specification 2026-07-28, "Custom headers from tool parameters". */
export function encodeHeader(value: string): string {
  const plain = value === value.trim() && /^[\t -~]+$/.test(value) && !BASE64.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

function decode(value: string): string | undefined {
  const encoded = BASE64.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
