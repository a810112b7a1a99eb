// The smallest server worth having: one tool, and one variable of its environment.
import { Json } from './json';
import { environment, Result, serve, Tool } from './mcp';

const definition = Json.parse(`{
  "name": "greet",
  "description": "Greets somebody.",
  "inputSchema": { "type": "object", "properties": { "who": { "type": "string" } }, "required": ["who"] }
}`);

const greet = new Tool(definition, (args: Json): Result => {
  const who = args.at('who').text;
  if (who == '') return new Result('the argument "who" has to be a text', true);
  const greeting = environment('GREETING');
  return new Result(`${greeting == '' ? 'Hello' : greeting}, ${who}!`);
});

export function _start(): void {
  serve('hello', '0.1.0', [greet]);
}
