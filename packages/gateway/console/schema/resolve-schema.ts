import { DEEPEST, isObject, type JsonSchema, MOST_STEPS, type SchemaRoom } from './json-schema.ts';

/**
 * The schema that holds at a place: local references are followed, `allOf` is laid together, and "this or null" is this.
 * A reference that leads nowhere, to another document in a circle, or to more than can be followed leaves a schema that allows anything.
 */
export function resolveSchema(
  schema: unknown,
  root: unknown,
  depth = 0,
  room: SchemaRoom = { left: MOST_STEPS },
): JsonSchema {
  if (!isObject(schema) || depth > DEEPEST || room.left-- <= 0) return {};
  const { $ref, allOf, ...own } = schema;
  if (typeof $ref === 'string') return { ...resolveSchema(at(root, $ref), root, depth + 1, room), ...own };
  if (Array.isArray(allOf)) {
    const parts = allOf.map((part) => resolveSchema(part, root, depth + 1, room));
    return [...parts, own].reduce<JsonSchema>(together, {});
  }
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray)?.filter((choice) => !isNull(choice));
  if (choices?.length === 1) {
    const { anyOf, oneOf, ...rest } = own;
    return { ...resolveSchema(choices[0], root, depth + 1, room), ...rest };
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    if (types.length === 1) return { ...own, type: types[0] };
  }
  return own;
}

function isNull(schema: unknown): boolean {
  return isObject(schema) && (schema.type === 'null' || schema.const === null);
}

function together(first: JsonSchema, second: JsonSchema): JsonSchema {
  const properties = [first.properties, second.properties].filter(isObject);
  const required = [first.required, second.required].filter(Array.isArray).flat();
  return {
    ...first,
    ...second,
    ...(properties.length > 0 ? { properties: Object.assign({}, ...properties) } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** Follows a JSON pointer inside the document, such as `#/$defs/place`. */
function at(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  return reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((node, step) => {
      if (Array.isArray(node)) return node[Number(step)];
      return isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined;
    }, root);
}
