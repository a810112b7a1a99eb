import { listText } from './frame/list-text.ts';
import { ObjectText } from './frame/object-text.ts';
import { isObject, type JsonObject } from './message.ts';

const OPEN_BRACE = 0x7b;

/** Keywords whose values are data, in which `$ref` is no reference. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** Keywords whose values are schemas by name, in which a name may look like a keyword. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);

/**
 * A tool of a modern server as legacy clients know tools: there the output of a tool is an object, so a schema of another
 * kind is that of the one property `result`.
 */
export function toolForLegacy(tool: ObjectText): ObjectText {
  return isWrapped(tool) ? tool.withValue('outputSchema', wrapSchema(tool.value('outputSchema') as JsonObject)) : tool;
}

/** The result of such a tool as legacy clients know it: wrapped alike, with the value as text where there is no text. */
export function toolResultForLegacy(result: ObjectText, tool: ObjectText | undefined): ObjectText {
  const structured = result.bytes('structuredContent');
  if (!structured) return result;
  const isObjectText = structured[0] === OPEN_BRACE;
  if (isObjectText && !(tool && isWrapped(tool))) return result;
  const wrapped = result.with(
    'structuredContent',
    Buffer.concat([Buffer.from('{"result":'), structured, Buffer.from('}')]),
  );
  const blocks = result.list('content') ?? [];
  if (isObjectText || blocks.some((block) => block.text('type') === 'text')) return wrapped;
  const text = ObjectText.from({ type: 'text', text: structured.toString('utf8') });
  return wrapped.with('content', listText([...blocks, text]));
}

function isWrapped(tool: ObjectText): boolean {
  const schema = tool.value('outputSchema');
  return isObject(schema) && schema.type !== 'object';
}

function wrapSchema(schema: JsonObject): JsonObject {
  const { $schema } = schema;
  const dialect = typeof $schema === 'string' ? { $schema } : {};
  const result = opensScope(schema) ? schema : moveReferences(schema, false);
  return { ...dialect, type: 'object', properties: { result }, required: ['result'] };
}

/** A schema with an address of its own: references in it stay as they are. */
function opensScope({ $id }: JsonObject): boolean {
  return $id !== undefined && !(typeof $id === 'string' && $id.startsWith('#'));
}

/** References to places in the document lead to where these places are now. */
function moveReferences(schema: unknown, byName: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((item) => moveReferences(item, false));
  if (!isObject(schema) || (!byName && opensScope(schema))) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (byName) return [key, moveReferences(value, false)];
      if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string') return [key, moved(value)];
      return [key, DATA_KEYWORDS.has(key) ? value : moveReferences(value, NAMED_SCHEMAS.has(key))];
    }),
  );
}

function moved(reference: string): string {
  if (reference === '#') return '#/properties/result';
  return reference.startsWith('#/') ? `#/properties/result${reference.slice(1)}` : reference;
}
