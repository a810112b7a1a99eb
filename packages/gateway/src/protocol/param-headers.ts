import type { ObjectText } from './frame/object-text.ts';
import { decodeHeader, encodeHeader } from './header-text.ts';
import { isObject, type JsonObject } from './message.ts';

/** An argument that is also sent as a header. */
interface Mirrored {
  /** Names of properties, from the arguments' root. */
  readonly path: readonly string[];
  readonly header: string;
  readonly numeric: boolean;
}

const declared = new WeakMap<ObjectText, readonly Mirrored[]>();

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The `Mcp-Param-*` headers of a call to a tool, by which proxies may route without reading the body.
 * Source: MCP specification 2026-07-28, "Custom headers from tool parameters".
 */
export function paramHeaders(
  tool: ObjectText | undefined,
  params: ObjectText | undefined,
): Readonly<Record<string, string>> | undefined {
  const mirrored = mirroredArguments(tool);
  if (mirrored.length === 0) return undefined;
  const headers: Record<string, string> = {};
  const args = params?.value('arguments');
  for (const { path, header } of mirrored) {
    const value = toText(valueAt(args, path));
    if (value !== undefined) headers[header] = encodeHeader(value);
  }
  return headers;
}

/** What is wrong with the `Mcp-Param-*` headers of a call; undefined when they say what the arguments say. */
export function headerMismatch(tool: ObjectText, params: ObjectText | undefined, headers: Headers): string | undefined {
  const mirrored = mirroredArguments(tool);
  if (mirrored.length === 0) return undefined;
  const args = params?.value('arguments');
  for (const { path, header, numeric } of mirrored) {
    const expected = toText(valueAt(args, path));
    if (expected === undefined) continue;
    const given = headers[header.toLowerCase()];
    if (typeof given !== 'string') return `the header ${header} is missing`;
    const decoded = decodeHeader(given);
    if (decoded === undefined) return `the header ${header} is not valid Base64`;
    const equal = decoded === expected || (numeric && decoded.trim() !== '' && Number(decoded) === Number(expected));
    if (!equal) return `the header ${header} does not say what the argument says`;
  }
  return undefined;
}

function mirroredArguments(tool: ObjectText | undefined): readonly Mirrored[] {
  if (!tool) return [];
  const known = declared.get(tool);
  if (known) return known;
  const schema = tool.value('inputSchema');
  const found = isObject(schema) ? [...find(schema, [])] : [];
  declared.set(tool, found);
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
