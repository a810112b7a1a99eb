import { inside, isObject, type JsonObject, type Place, readText, refuse } from '../../json.ts';
import { withoutNulls } from './content.ts';
import { requireFormSchema } from './form-schema.ts';

/** What hyper-mcp calls the format that JSON Schema calls `date-time`. */
const OWN_FORMAT = 'date_time';

/** A question for a person as MCP has it: without what is null, and with formats in the words of JSON Schema. Source: EXTISM.md §2.3. */
export function elicitationParams(asked: JsonObject): JsonObject {
  const params = withoutNulls(asked);
  const { requestedSchema } = params;
  if (!isObject(requestedSchema) || !isObject(requestedSchema.properties)) return params;
  const properties = Object.entries(requestedSchema.properties).map(([name, schema]) => [name, renamed(schema)]);
  const schema = { ...withoutNulls(requestedSchema), properties: Object.fromEntries(properties) };
  return { ...params, requestedSchema: schema };
}

function renamed(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const known = withoutNulls(schema);
  return known.format === OWN_FORMAT ? { ...known, format: 'date-time' } : known;
}

/** @throws ABI_BAD_MESSAGE for a question that no client could put to a person. Source: MCP, "Elicitation" */
export function requireElicitation(
  { mode = 'form', message, requestedSchema, ...others }: JsonObject,
  place: Place,
): void {
  readText(message, inside(place, 'message'));
  if (mode !== 'form' && mode !== 'url') refuse(inside(place, 'mode'), '"form" or "url"', mode);
  if (mode === 'form') requireFormSchema(requestedSchema, inside(place, 'requestedSchema'));
  else for (const key of ['url', 'elicitationId']) readText(others[key], inside(place, key));
}

/** A question for a model as MCP has it. What hyper-mcp's kit for Rust calls a message is the content of one, which is then the user's. */
export function samplingParams(asked: JsonObject): JsonObject {
  const { messages, ...params } = withoutNulls(asked);
  if (!Array.isArray(messages)) return params;
  const whole = messages.map((one) => (isObject(one) && one.role === undefined ? { role: 'user', content: one } : one));
  return { ...params, messages: whole };
}
