import type { Era } from '../protocol/era.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { ListName } from './offer.ts';

type Kind = 'a text' | 'a number' | 'true or false' | 'null' | 'a list' | 'an object';

/** How long a text may be to be shown. */
const SHOWN_LENGTH = 40;

/**
 * Why a strict client refuses a whole list over this item, for the author of its server; undefined where none does.
 *
 * Strict are the TypeScript SDKs, 1.x for the legacy era and 2.x for both: they check each item by the schema of its era. What
 * Python's SDK refuses is a part of that. Source: `ToolSchema`, `PromptSchema`, `ResourceSchema` of these SDKs.
 */
export function whyRefused(list: ListName, item: ObjectText, era: Era): string | undefined {
  const [problem] = PROBLEMS[list](item, era);
  return problem;
}

const METADATA = { title: 'a text', description: 'a text', _meta: 'an object' } as const;

const PROBLEMS: Readonly<Record<ListName, (item: ObjectText, era: Era) => Iterable<string>>> = {
  *tools(tool, era) {
    yield* fields(tool, { name: 'a text', inputSchema: 'an object' }, METADATA);
    yield* icons(tool);
    yield* schema(tool, 'inputSchema', era);
    yield* schema(tool, 'outputSchema', era);
    const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
    const flags = Object.fromEntries(hints.map((hint) => [hint, 'true or false' as const]));
    yield* inside(tool, 'annotations', { title: 'a text', ...flags });
    if (era === 'legacy') yield* inside(tool, 'execution', { taskSupport: 'a text' });
  },
  *prompts(prompt) {
    yield* fields(prompt, { name: 'a text' }, METADATA);
    yield* icons(prompt);
    yield* each(prompt, 'arguments', { name: 'a text' }, { description: 'a text', required: 'true or false' });
  },
  *resources(resource) {
    yield* fields(resource, { uri: 'a text', name: 'a text' }, { ...METADATA, mimeType: 'a text' });
    yield* icons(resource);
  },
  *resourceTemplates(template) {
    yield* fields(template, { uriTemplate: 'a text', name: 'a text' }, { ...METADATA, mimeType: 'a text' });
    yield* icons(template);
  },
};

function* icons(item: ObjectText): Iterable<string> {
  yield* each(item, 'icons', { src: 'a text' }, { mimeType: 'a text', sizes: 'a list' });
}

/** The legacy era knows schemas whose properties are objects, and promises objects only. */
function* schema(tool: ObjectText, key: 'inputSchema' | 'outputSchema', era: Era): Iterable<string> {
  yield* fields(tool, {}, { [key]: 'an object' });
  const found = tool.object(key);
  if (!found) return;
  const isFree = era === 'modern' && key === 'outputSchema';
  if (!isFree && found.text('type') !== 'object')
    yield `"${key}.type" is ${shown(found, 'type')}, and must be "object"`;
  if (era === 'modern') {
    yield* fields(found, {}, { $schema: 'a text' }, `${key}.`);
    return;
  }
  yield* fields(found, {}, { properties: 'an object', required: 'a list' }, `${key}.`);
  const properties = found.object('properties');
  for (const name of properties?.keys() ?? []) {
    const kind = kindOf(properties?.bytes(name));
    if (kind !== 'an object' && kind !== 'a list') yield* wrong(`${key}.properties.${name}`, kind, 'an object');
  }
  const required = (found.value('required') ?? []) as readonly unknown[];
  if (required.some((name) => typeof name !== 'string')) yield `"${key}.required" holds more than texts`;
}

function* inside(item: ObjectText, key: string, optional: Readonly<Record<string, Kind>>): Iterable<string> {
  yield* fields(item, {}, { [key]: 'an object' });
  const found = item.object(key);
  if (found) yield* fields(found, {}, optional, `${key}.`);
}

function* each(
  item: ObjectText,
  key: string,
  needed: Readonly<Record<string, Kind>>,
  optional: Readonly<Record<string, Kind>>,
): Iterable<string> {
  yield* fields(item, {}, { [key]: 'a list' });
  const found = item.list(key) ?? [];
  if (found.length < (item.has(key) ? (item.value(key) as readonly unknown[]).length : 0))
    yield `"${key}" holds more than objects`;
  for (const [index, element] of found.entries()) yield* fields(element, needed, optional, `${key}[${index}].`);
}

function* fields(
  item: ObjectText,
  needed: Readonly<Record<string, Kind>>,
  optional: Readonly<Record<string, Kind>>,
  place = '',
): Iterable<string> {
  for (const [key, kind] of Object.entries({ ...needed, ...optional })) {
    const found = kindOf(item.bytes(key));
    if (found === undefined && !(key in needed)) continue;
    if (found !== kind) yield* wrong(`${place}${key}`, found, kind);
  }
}

function* wrong(place: string, found: Kind | undefined, expected: Kind): Iterable<string> {
  yield found === undefined ? `"${place}" is missing` : `"${place}" is ${found}, and must be ${expected}`;
}

function shown(object: ObjectText, key: string): string {
  const text = object.text(key);
  if (text !== undefined && text.length <= SHOWN_LENGTH) return JSON.stringify(text);
  return kindOf(object.bytes(key)) ?? 'missing';
}

const BY_FIRST_BYTE: Readonly<Record<string, Kind>> = {
  '"': 'a text',
  '{': 'an object',
  '[': 'a list',
  t: 'true or false',
  f: 'true or false',
  n: 'null',
};

function kindOf(json: Buffer | undefined): Kind | undefined {
  return json && (BY_FIRST_BYTE[String.fromCharCode(json[0] ?? 0)] ?? 'a number');
}
