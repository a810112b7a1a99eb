import { inside, type JsonObject, type Place, readArray, readObject, readText, readTexts, refuse } from '../../json.ts';

type Check = (value: unknown, place: Place) => void;

const FORMATS: ReadonlySet<unknown> = new Set(['email', 'uri', 'date', 'date-time']);

const number = ofType('number');
const textList: Check = (value, place) => void readTexts(readArray(value, place), place);
const titled: Check = (value, place) => {
  readArray(value, place).forEach((option, index) => {
    const at = inside(place, index);
    const { const: own, title } = readObject(option, at);
    readText(own, inside(at, 'const'));
    readText(title, inside(at, 'title'));
  });
};
const choices: Check = (value, place) => {
  const items = readObject(value, place);
  if (items.anyOf === undefined) {
    if (items.type !== 'string') refuse(inside(place, 'type'), '"string"', items.type);
    textList(items.enum, inside(place, 'enum'));
  } else titled(items.anyOf, inside(place, 'anyOf'));
};
const format: Check = (value, place) => {
  if (!FORMATS.has(value)) refuse(place, `one of ${[...FORMATS].join(', ')}`, value);
};
const numeric: Readonly<Record<string, Check>> = { minimum: number, maximum: number, default: number };

/** What one field of a form may say beside its title, by its type; all else is left to the client. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  string: {
    minLength: number,
    maxLength: number,
    format,
    enum: textList,
    enumNames: textList,
    oneOf: titled,
    default: readText,
  },
  number: numeric,
  integer: numeric,
  boolean: { default: ofType('boolean') },
  array: { minItems: number, maxItems: number, default: textList },
};
const COMMON: Readonly<Record<string, Check>> = { title: readText, description: readText };

/**
 * Checks what a form asks for: a flat object of texts, numbers, truth values and choices, as the revisions of 2025-06-18 and
 * later have it. Source: MCP, "Elicitation", PrimitiveSchemaDefinition.
 *
 * @throws ABI_BAD_MESSAGE naming the field, what it must be, and the kind of what was found
 */
export function requireFormSchema(value: unknown, place: Place): void {
  const schema = readObject(value, place);
  if (schema.type !== 'object') refuse(inside(place, 'type'), '"object"', schema.type);
  const properties = inside(place, 'properties');
  for (const [name, property] of Object.entries(readObject(schema.properties, properties)))
    requireField(property, inside(properties, name));
  if (schema.required !== undefined) textList(schema.required, inside(place, 'required'));
}

function requireField(value: unknown, place: Place): void {
  const field = readObject(value, place);
  const { type } = field;
  const known = typeof type === 'string' && Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (known === undefined) {
    const kinds = Object.keys(FIELDS).join(', ');
    refuse(inside(place, 'type'), `one of ${kinds}, as forms are flat`, type);
  }
  check(field, COMMON, place);
  check(field, known, place);
  if (type === 'array') choices(field.items, inside(place, 'items'));
}

function check(field: JsonObject, checks: Readonly<Record<string, Check>>, place: Place): void {
  for (const [key, requireValue] of Object.entries(checks)) {
    if (field[key] !== undefined) requireValue(field[key], inside(place, key));
  }
}

function ofType(type: 'number' | 'boolean'): Check {
  return (value, place) => {
    if (typeof value !== type) refuse(place, `a ${type}`, value);
  };
}
