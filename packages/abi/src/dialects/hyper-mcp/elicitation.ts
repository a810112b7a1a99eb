import { isObject, type JsonObject } from '../../json.ts';

/** What hyper-mcp calls the format that JSON Schema calls `date-time`. */
const OWN_FORMAT = 'date_time';

/** A question for a person as MCP has it: without what is null, and with formats in the words of JSON Schema. Source: EXTISM.md §2.3. */
export function elicitationParams(asked: JsonObject): JsonObject {
  const params = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null));
  const { requestedSchema } = params;
  if (!isObject(requestedSchema) || !isObject(requestedSchema.properties)) return params;
  const properties = Object.entries(requestedSchema.properties).map(([name, schema]) => [name, renamed(schema)]);
  return { ...params, requestedSchema: { ...requestedSchema, properties: Object.fromEntries(properties) } };
}

function renamed(schema: unknown): unknown {
  return isObject(schema) && schema.format === OWN_FORMAT ? { ...schema, format: 'date-time' } : schema;
}
