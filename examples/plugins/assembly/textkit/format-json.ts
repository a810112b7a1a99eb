import { Json, Kind, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, integerOr } from '../../assemblyscript/assembly/checked-tool';

const definition = `{
  "name": "format_json",
  "description": "Checks that a text is JSON and writes it with indentation, or on one line. Says where it is malformed.",
  "input_schema": {
    "type": "object",
    "properties": {
      "json": { "type": "string", "description": "The JSON text." },
      "indent": { "type": "integer", "minimum": 0, "maximum": 8, "description": "Spaces per level, 0 for one line; 2 by default." }
    },
    "required": ["json"],
    "additionalProperties": false
  },
  "annotations": { "title": "Format JSON", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const formatJson = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const document = Json.parse(args.at('json').text);
  if (document.kind == Kind.Invalid) return new Result(`format_json: the argument "json" is ${document.text}`, true);
  const indent = integerOr(args, 'indent', 2);
  if (indent == 0) return new Result(document.stringify());
  const parts: string[] = [];
  write(parts, document, ' '.repeat(indent), '\n');
  return new Result(parts.join(''));
});

function write(parts: string[], value: Json, indent: string, lineBreak: string): void {
  const inner = lineBreak + indent;
  if (value.kind == Kind.Array && value.items.length) {
    for (let i = 0; i < value.items.length; i++) {
      parts.push(i ? ',' : '[');
      parts.push(inner);
      write(parts, value.items[i], indent, inner);
    }
    parts.push(lineBreak + ']');
  } else if (value.kind == Kind.Object && value.fields.size) {
    const keys = value.fields.keys();
    for (let i = 0; i < keys.length; i++) {
      parts.push(i ? ',' : '{');
      parts.push(inner);
      Json.string(keys[i]).writeTo(parts);
      parts.push(': ');
      write(parts, value.fields.get(keys[i]), indent, inner);
    }
    parts.push(lineBreak + '}');
  } else {
    value.writeTo(parts);
  }
}
