import { isObject, type JsonSchema, numberOf, textOf } from './json-schema.ts';

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
  object: 'object',
  array: 'list',
  null: 'null',
};

/** What kind of value a schema asks for, in words: `list of text`. */
export function typeWords(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return 'one of';
  if (schema.const !== undefined) return 'always';
  const { type } = schema;
  if (type === 'array' && isObject(schema.items)) {
    const of = typeWords(schema.items);
    return of === 'anything' ? 'list' : `list of ${of}`;
  }
  if (typeof type === 'string') return word(type);
  if (Array.isArray(type)) return type.map((one) => (typeof one === 'string' ? word(one) : 'anything')).join(' or ');
  if (isObject(schema.properties)) return 'object';
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices)
    return [...new Set(choices.map((choice) => (isObject(choice) ? typeWords(choice) : 'anything')))].join(' or ');
  return 'anything';
}

function word(type: string): string {
  return Object.hasOwn(WORDS, type) ? (WORDS[type] ?? type) : type;
}

/** The limits of a value, each in a few words. */
export function limitWords(schema: JsonSchema): readonly string[] {
  const words: string[] = [];
  const format = textOf(schema.format);
  if (format !== undefined) words.push(`format ${format}`);
  words.push(...range(numberOf(schema.minLength), numberOf(schema.maxLength), 'characters'));
  words.push(...range(numberOf(schema.minimum), numberOf(schema.maximum)));
  const above = numberOf(schema.exclusiveMinimum);
  if (above !== undefined) words.push(`more than ${above}`);
  const below = numberOf(schema.exclusiveMaximum);
  if (below !== undefined) words.push(`less than ${below}`);
  const step = numberOf(schema.multipleOf);
  if (step !== undefined) words.push(`multiple of ${step}`);
  words.push(...range(numberOf(schema.minItems), numberOf(schema.maxItems), 'items'));
  if (schema.uniqueItems === true) words.push('no item twice');
  const pattern = textOf(schema.pattern);
  if (pattern !== undefined) words.push(`matches ${pattern}`);
  if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`);
  return words;
}

function range(least: number | undefined, most: number | undefined, unit = ''): readonly string[] {
  const of = unit === '' ? '' : ` ${unit}`;
  if (least !== undefined && most !== undefined)
    return [least === most ? `exactly ${least}${of}` : `${least} to ${most}${of}`];
  if (least !== undefined && !(least === 0 && unit !== '')) return [`at least ${least}${of}`];
  return most === undefined ? [] : [`at most ${most}${of}`];
}
