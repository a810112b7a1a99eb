// The smallest plugin worth having: one tool and one setting. docs/writing-a-plugin.md walks through it.
import { definePlugin, Json, log, Result, Tool } from './sdk';

export { name, metadata, tools, configure, execute, healthy, compact_specs, malloc, free } from './sdk';

let greeting = 'Hello';

const definition = Json.parse(`{
  "name": "greet",
  "description": "Greets somebody.",
  "input_schema": {
    "type": "object",
    "properties": { "who": { "type": "string", "description": "Whom to greet." } },
    "required": ["who"]
  },
  "annotations": { "readOnlyHint": true, "idempotentHint": true }
}`);

const greet = new Tool(definition, (args: Json): Result => {
  const who = args.at('who').text;
  if (who == '') return new Result('greet: the argument "who" is required', true);
  log('greeting somebody');
  return new Result(`${greeting}, ${who}!`);
});

definePlugin(
  '{ "name": "hello", "version": "0.1.0", "abi_version": 1, "plain_text_keys": ["greeting"], "optional_keys": ["greeting"] }',
  [greet],
  (settings: Json): string => {
    const given = settings.at('greeting').text;
    if (given.length > 40) return 'the setting "greeting" has more than 40 characters';
    greeting = given == '' ? 'Hello' : given;
    return '';
  },
);
