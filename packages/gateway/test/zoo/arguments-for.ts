type Schema = Readonly<Record<string, unknown>>;

/** Arguments that a schema allows, as few as there may be. The schema is a server's own: whatever is odd in it is passed over. */
export function argumentsFor(schema: unknown, root: unknown = schema): Record<string, unknown> {
  const { properties, required } = objectOf(schema);
  const names = Array.isArray(required) ? (required as string[]) : [];
  return Object.fromEntries(names.map((name) => [name, valueFor(objectOf(properties)[name], root, 0)]));
}

/** The same members with values of other kinds. */
export function wrongArgumentsFor(schema: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(objectOf(objectOf(schema).properties)).map(([name, property]) => [
      name,
      objectOf(property).type === 'string' ? 7 : 'wrong',
    ]),
  );
}

const MAX_DEPTH = 6;

function valueFor(given: unknown, root: unknown, depth: number): unknown {
  const schema = resolved(objectOf(given), root);
  if (depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema.const;
  if ('default' in schema) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [first] = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray) ?? [];
  if (first !== undefined) return valueFor(first, root, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'number':
    case 'integer':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return false;
    case 'array':
      return typeof schema.minItems === 'number' && schema.minItems > 0
        ? [valueFor(schema.items, root, depth + 1)]
        : [];
    case 'object': {
      const inner = objectOf(schema.properties);
      const names = Array.isArray(schema.required) ? (schema.required as string[]) : [];
      return Object.fromEntries(names.map((name) => [name, valueFor(inner[name], root, depth + 1)]));
    }
    case 'null':
      return null;
    default:
      return 'x'.repeat(typeof schema.minLength === 'number' ? Math.max(1, schema.minLength) : 1);
  }
}

function resolved(schema: Schema, root: unknown): Schema {
  const { $ref: ref } = schema;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return schema;
  return objectOf(
    ref
      .slice(2)
      .split('/')
      .reduce((at: unknown, key) => objectOf(at)[key], root),
  );
}

function objectOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
