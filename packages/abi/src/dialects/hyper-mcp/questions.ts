import { isObject, type JsonObject } from '../../json.ts';
import { withoutNulls } from './messages.ts';

/** What hyper-mcp calls the format that JSON Schema calls `date-time`. */
const OWN_FORMAT = 'date_time';

/** A question for a person as MCP has it: without what is null, and with formats in the words of JSON Schema. Source: EXTISM.md §2.3. */
export function elicitationParams(asked: JsonObject): JsonObject {
  const params = withoutNulls(asked);
  const { requestedSchema } = params;
  if (!isObject(requestedSchema) || !isObject(requestedSchema.properties)) return params;
  const properties = Object.entries(requestedSchema.properties).map(([name, schema]) => [name, renamed(schema)]);
  return { ...params, requestedSchema: { ...requestedSchema, properties: Object.fromEntries(properties) } };
}

function renamed(schema: unknown): unknown {
  return isObject(schema) && schema.format === OWN_FORMAT ? { ...schema, format: 'date-time' } : schema;
}

/** A question for a model as MCP has it. What hyper-mcp's kit for Rust calls a message is the content of one, which is then the user's. */
export function samplingParams(asked: JsonObject): JsonObject {
  const { messages, ...params } = withoutNulls(asked);
  if (!Array.isArray(messages)) return params;
  const whole = messages.map((one) => (isObject(one) && one.role === undefined ? { role: 'user', content: one } : one));
  return { ...params, messages: whole };
}
