import {
  inside,
  isObject,
  type JsonObject,
  type Place,
  parseJson,
  readArray,
  readObject,
  readText,
  readTextMap,
  readTexts,
  refuse,
} from '../../json.ts';
import type { PluginMetadata, ToolDefinition, ToolResult } from '../../roles/plugin.ts';

/** The version of the plugin ABI that this package speaks; a plugin's `abi_version` should equal it. */
export const PLUGIN_ABI_VERSION = 1;

/** The message to `configure`. */
export function encodeSettings(settings: Readonly<Record<string, string>>): string {
  return JSON.stringify(settings);
}

/** The message to `execute`. */
export function encodeExecute(tool: string, args: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ tool_name: tool, args });
}

/**
 * The answer of `execute`. Never fails: an answer that is not `{"data"?: string, "is_error"?: boolean}` is data as a
 * whole, and so is an object that has fields but neither of these.
 */
export function decodeExecute(text: string): ToolResult {
  const answer = text.trimStart().startsWith('{') ? parseOrUndefined(text) : undefined;
  if (!isObject(answer)) return { data: text, isError: false };
  const known = 'data' in answer || 'is_error' in answer || Object.keys(answer).length === 0;
  const data = answer.data ?? '';
  const isError = answer.is_error ?? false;
  if (!known || typeof data !== 'string' || typeof isError !== 'boolean') return { data: text, isError: false };
  return { data, isError };
}

/** The answer of `configure`: `undefined` when accepted, else the plugin's words. */
export function decodeConfigure(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** @throws ABI_BAD_MESSAGE naming the field. */
export function decodeMetadata(text: string): PluginMetadata {
  const whole: Place = { exportName: 'metadata', field: '' };
  const json = readObject(parseJson(text, 'metadata'), whole);
  const abiVersion = json.abi_version;
  if (typeof abiVersion !== 'number') refuse(inside(whole, 'abi_version'), 'a number', abiVersion);
  return {
    name: readText(json.name, inside(whole, 'name')),
    version: readText(json.version, inside(whole, 'version')),
    abiVersion,
    ...optionalTexts(json, ['description', 'author', 'homepage', 'license'], whole),
    capabilities: readTexts(json.capabilities, inside(whole, 'capabilities')),
    credentialKeys: readTexts(json.credential_keys, inside(whole, 'credential_keys')),
    plainTextKeys: readTexts(json.plain_text_keys, inside(whole, 'plain_text_keys')),
    optionalKeys: readTexts(json.optional_keys, inside(whole, 'optional_keys')),
    placeholders: readTextMap(json.placeholders, inside(whole, 'placeholders')),
  };
}

/**
 * The answer of `tools`. An empty answer and `null` mean no tools.
 *
 * @throws ABI_BAD_MESSAGE naming the tool by its index, and the field; also for two tools of one name.
 */
export function decodeTools(text: string): readonly ToolDefinition[] {
  const whole: Place = { exportName: 'tools', field: '' };
  const names = new Set<string>();
  return readArray(parseEmptyAs(text, 'tools', []), whole).map((value, index) => {
    const place = inside(whole, index);
    const tool = decodeTool(readObject(value, place), place);
    if (names.has(tool.name)) refuse(inside(place, 'name'), 'a name that no other tool has', tool.name);
    names.add(tool.name);
    return tool;
  });
}

/**
 * The answer of `compact_specs`: tool name → paths of the fields worth keeping. An empty answer means none.
 *
 * @throws ABI_BAD_MESSAGE naming the tool.
 */
export function decodeCompactSpecs(text: string): Readonly<Record<string, readonly string[]>> {
  const whole: Place = { exportName: 'compact_specs', field: '' };
  const specs = readObject(parseEmptyAs(text, 'compact_specs', {}), whole);
  return Object.fromEntries(
    Object.entries(specs).map(([tool, paths]) => [tool, readTexts(paths, inside(whole, tool))]),
  );
}

/** The answer of `healthy`: 1 and nothing else is healthy. */
export function decodeHealthy(answer: number): boolean {
  return answer === 1;
}

function decodeTool(json: JsonObject, place: Place): ToolDefinition {
  const name = readText(json.name, inside(place, 'name'));
  if (name === '') refuse(inside(place, 'name'), 'a name', name);
  return {
    name,
    description: readText(json.description ?? '', inside(place, 'description')),
    parameters: readTextMap(json.parameters, inside(place, 'parameters')),
    required: readTexts(json.required, inside(place, 'required')),
    ...optionalObject('inputSchema', json.input_schema, inside(place, 'input_schema')),
    ...optionalObject('outputSchema', json.output_schema, inside(place, 'output_schema')),
    ...optionalObject('annotations', json.annotations, inside(place, 'annotations')),
  };
}

function optionalObject<K extends string>(key: K, value: unknown, place: Place): { [P in K]?: JsonObject } {
  if (value === undefined || value === null) return {};
  return { [key]: readObject(value, place) } as { [P in K]?: JsonObject };
}

function optionalTexts<K extends string>(json: JsonObject, keys: readonly K[], whole: Place): { [P in K]?: string } {
  const texts: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = json[key];
    if (value !== undefined && value !== null) texts[key] = readText(value, inside(whole, key));
  }
  return texts;
}

function parseEmptyAs(text: string, exportName: string, empty: unknown): unknown {
  return text === '' ? empty : (parseJson(text, exportName) ?? empty);
}

function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text, 'execute');
  } catch {
    return undefined;
  }
}
