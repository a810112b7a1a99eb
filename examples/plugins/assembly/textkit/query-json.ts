import { Json, Kind, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool } from '../../assemblyscript/assembly/checked-tool';
import { JsonPath } from '../json-path';

const definition = `{
  "name": "query_json",
  "description": "Picks values out of a JSON document with a JSONPath, e.g. $.items[*].name, $..id, $.list[-1], $.list[0:10:2], $['a key', 'another']. Filters are not supported.",
  "input_schema": {
    "type": "object",
    "properties": {
      "json": { "type": "string", "description": "The document, as JSON text." },
      "path": { "type": "string", "description": "The JSONPath." }
    },
    "required": ["json", "path"],
    "additionalProperties": false
  },
  "output_schema": {
    "type": "object",
    "properties": {
      "count": { "type": "integer" },
      "matches": { "type": "array", "description": "The values in document order." }
    },
    "required": ["count", "matches"]
  },
  "annotations": { "title": "Query JSON", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const queryJson = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const document = Json.parse(args.at('json').text);
  if (document.kind == Kind.Invalid) return new Result(`query_json: the argument "json" is ${document.text}`, true);
  const path = new JsonPath(args.at('path').text);
  const matches: Json[] = path.problem == '' ? path.select(document) : [];
  if (path.problem != '') return new Result(`query_json: ${path.problem}`, true);
  const reply = Json.object().set('count', Json.integer(matches.length)).set('matches', Json.array(matches));
  return new Result(reply.stringify());
});
