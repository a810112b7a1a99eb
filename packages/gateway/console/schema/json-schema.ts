/** What the console reads of a JSON Schema. A tool's schema comes from anywhere, so every member is unknown until it is read. */
export interface JsonSchema {
  readonly type?: unknown;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly default?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly minLength?: unknown;
  readonly maxLength?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly exclusiveMinimum?: unknown;
  readonly exclusiveMaximum?: unknown;
  readonly multipleOf?: unknown;
  readonly minItems?: unknown;
  readonly maxItems?: unknown;
  readonly uniqueItems?: unknown;
  readonly items?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly additionalProperties?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
  readonly allOf?: unknown;
  readonly $ref?: unknown;
}

/** References in references and groups in groups are followed this far; a schema may lead in a circle. */
export const DEEPEST = 8;

/** How much of a schema is still looked at: one that leads to itself in several places grows without end. */
export interface SchemaRoom {
  left: number;
}

/** Places of one schema that are shown, or get a control. */
export const MOST_PLACES = 1_000;

/** References and parts that are followed for one place. */
export const MOST_STEPS = 200;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The properties of an object's schema, in its order. */
export function propertiesOf(schema: JsonSchema): readonly (readonly [name: string, schema: unknown])[] {
  return isObject(schema.properties) ? Object.entries(schema.properties) : [];
}

export function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  const names = Array.isArray(schema.required) ? schema.required : [];
  return new Set(names.filter((name) => typeof name === 'string'));
}
