// A tool whose arguments are checked against its own input schema, so that `run` need not.
import { Json, Kind, Result, Tool } from './sdk';

const TYPES: string[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** Checks what JSON Schema calls required, properties, type, enum, minimum and maximum; takes no unknown arguments. */
export class CheckedTool extends Tool {
  override call(args: Json): Result {
    const schema = this.definition.at('input_schema');
    const properties = schema.at('properties');
    const required = schema.at('required').items;
    for (let i = 0; i < required.length; i++) {
      const name = required[i].text;
      if (args.at(name).isNull) return this.refuse(name, `is required (${properties.at(name).at('description').text})`);
    }
    const given = args.fields.keys();
    for (let i = 0; i < given.length; i++) {
      const property = properties.at(given[i]);
      if (property.isNull) {
        return this.refuse(given[i], `is unknown; known are "${properties.fields.keys().join('", "')}"`);
      }
      const value = fromText(args.at(given[i]), property.at('type').text);
      const problem = value.isNull ? '' : problemWith(value, property);
      if (problem != '') return this.refuse(given[i], problem);
      args.set(given[i], value);
    }
    return super.call(args);
  }

  private refuse(argument: string, problem: string): Result {
    return new Result(`${this.name}: the argument "${argument}" ${problem}`, true);
  }
}

/** Reads a number, boolean, array or object that the host passed as text, as hosts without schemas do. */
function fromText(value: Json, type: string): Json {
  if (value.kind != Kind.String || type == '' || type == 'string') return value;
  return Json.parse(value.text);
}

function problemWith(value: Json, property: Json): string {
  const type = property.at('type').text;
  const choices = property.at('enum');
  const minimum = property.at('minimum');
  const maximum = property.at('maximum');
  if (!isOfType(value, type)) return `must be of type ${type}`;
  if (choices.items.length && !includes(choices.items, value)) return `must be one of ${choices.stringify()}`;
  if (!minimum.isNull && integerOf(value) < integerOf(minimum)) return `must be ${minimum.text} or more`;
  if (!maximum.isNull && integerOf(value) > integerOf(maximum)) return `must be ${maximum.text} or less`;
  return '';
}

function isOfType(value: Json, type: string): bool {
  if (type == '') return true;
  if (type == 'integer') return value.kind == Kind.Number && integerOf(value).toString() == value.text;
  return value.kind != Kind.Invalid && TYPES[value.kind] == type;
}

function includes(choices: Json[], value: Json): bool {
  for (let i = 0; i < choices.length; i++) if (choices[i].text == value.text) return true;
  return false;
}

function integerOf(value: Json): i32 {
  return I32.parseInt(value.text);
}

/** An integer argument, or `otherwise` where it was not given. */
export function integerOr(args: Json, name: string, otherwise: i32): i32 {
  const value = args.at(name);
  return value.isNull ? otherwise : integerOf(value);
}

/** A text argument, or `otherwise` where it was not given. */
export function textOr(args: Json, name: string, otherwise: string): string {
  const value = args.at(name);
  return value.isNull ? otherwise : value.text;
}

/** A boolean argument; false where it was not given. */
export function isSet(args: Json, name: string): bool {
  return args.at(name).text == 'true';
}
