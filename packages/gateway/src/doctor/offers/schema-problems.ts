type Json = Readonly<Record<string, unknown>>;

/** One thing that is odd about a schema, and where: `properties.path`. */
export interface SchemaProblem {
  readonly place: string;
  readonly problem: string;
  /** Whether it is allowed, and only leaves models to guess. */
  readonly isAllowed: boolean;
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** Of a schema with more parts the rest is passed over. */
const MAX_PARTS = 5_000;

/** An anchor is looked for so deep. */
const MAX_DEPTH = 64;

/** Keywords whose value is one schema, a list of schemas, or an object of schemas. Source: JSON Schema 2020-12 and draft 7. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedProperties',
];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const OBJECTS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

/** What each other keyword has to be; keywords that nobody knows are left alone. */
const KINDS: Readonly<Record<string, readonly [kind: string, test: (value: unknown) => boolean]>> = {
  required: ['a list of texts', isTexts],
  enum: ['a list', Array.isArray],
  description: ['a text', isText],
  title: ['a text', isText],
  pattern: ['a regular expression', (value) => isText(value) && compiles(value)],
  minimum: ['a number', isNumber],
  maximum: ['a number', isNumber],
  exclusiveMinimum: ['a number', isNumber],
  exclusiveMaximum: ['a number', isNumber],
  multipleOf: ['a number above 0', (value) => isNumber(value) && value > 0],
  minLength: ['a whole number', isCount],
  maxLength: ['a whole number', isCount],
  minItems: ['a whole number', isCount],
  maxItems: ['a whole number', isCount],
  minProperties: ['a whole number', isCount],
  maxProperties: ['a whole number', isCount],
  uniqueItems: ['true or false', (value) => typeof value === 'boolean'],
};

/** What says of a value what it is, beside "type". */
const SAYS_KIND = ['$ref', '$dynamicRef', 'enum', 'const', 'not', 'if', 'properties', 'items', ...LISTS];

/** Looks at a schema of a tool: what is not JSON Schema, references that lead nowhere, and properties without a type. */
export function schemaProblems(schema: unknown): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  const waiting: Part[] = [{ node: schema, place: '', isProperty: false }];
  for (let part = waiting.pop(), count = 0; part && count < MAX_PARTS; part = waiting.pop(), count++) {
    const { node, place } = part;
    if (typeof node === 'boolean') continue;
    const wrong = (key: string, problem: string): void => {
      found.push({ place: key === '' ? place : joined(place, key), problem, isAllowed: false });
    };
    if (!isObject(node)) {
      wrong('', 'is no schema: it is neither an object nor true or false');
      continue;
    }
    checkKeywords(node, wrong);
    if (isText(node.$ref) && node.$ref.startsWith('#') && !leadsSomewhere(node.$ref, schema))
      wrong('$ref', `leads nowhere: ${JSON.stringify(node.$ref.slice(0, 80))}`);
    if (part.isProperty && node.type === undefined && !SAYS_KIND.some((key) => node[key] !== undefined))
      found.push({ place, problem: 'has no type', isAllowed: true });
    waiting.push(...partsOf(node, place, wrong).toReversed());
  }
  return found;
}

/** One schema within the whole. */
interface Part {
  readonly node: unknown;
  readonly place: string;
  /** Whether it is a property, whose kind models have to know. */
  readonly isProperty: boolean;
}

type Wrong = (key: string, problem: string) => void;

function partsOf(node: Json, place: string, wrong: Wrong): readonly Part[] {
  const parts: Part[] = [];
  const add = (inner: unknown, at: string, isProperty = false): void => {
    parts.push({ node: inner, place: at, isProperty });
  };
  for (const [key, value] of Object.entries(node)) {
    const at = joined(place, key);
    if (LISTS.includes(key) || (key === 'items' && Array.isArray(value))) {
      if (!Array.isArray(value)) wrong(key, 'is not a list of schemas');
      else for (const [index, inner] of value.entries()) add(inner, `${at}[${index}]`);
    } else if (OBJECTS.includes(key)) {
      if (!isObject(value)) wrong(key, 'is not an object of schemas');
      else for (const [name, inner] of Object.entries(value)) add(inner, joined(at, name), key === 'properties');
    } else if (ONE.includes(key)) add(value, at);
  }
  return parts;
}

function checkKeywords(node: Json, wrong: Wrong): void {
  checkType(node.type, wrong);
  for (const [key, [kind, test]] of Object.entries(KINDS)) {
    if (node[key] !== undefined && !test(node[key])) wrong(key, `is not ${kind}`);
  }
  const { required, properties, additionalProperties } = node;
  if (!isTexts(required) || !isObject(properties) || additionalProperties !== false || node.patternProperties) return;
  const unknown = required.find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined) wrong('required', `names "${unknown}", which no property is and none may be`);
}

function checkType(type: unknown, wrong: Wrong): void {
  if (type === undefined) return;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const unknown = types.find((one) => !TYPES.includes(one as string));
  if (unknown === undefined && types.length > 0) return;
  wrong('type', types.length === 0 ? 'is an empty list' : `is ${shown(unknown)}, which is none of ${TYPES.join(', ')}`);
}

/** Whether a reference within the schema finds something: by pointer, or by the name of an anchor. Source: RFC 6901. */
function leadsSomewhere(reference: string, root: unknown): boolean {
  if (reference === '#') return true;
  if (!reference.startsWith('#/')) return hasAnchor(root, reference.slice(1), 0);
  let node = root;
  for (const step of reference.slice(2).split('/')) {
    const key = unescaped(step);
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Json)[key];
  }
  return true;
}

function hasAnchor(node: unknown, name: string, depth: number): boolean {
  if (typeof node !== 'object' || node === null || depth > MAX_DEPTH) return false;
  const { $anchor, $id, id } = node as Json;
  if ($anchor === name || $id === `#${name}` || id === `#${name}`) return true;
  return Object.values(node).some((inner) => hasAnchor(inner, name, depth + 1));
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

function joined(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 40);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** JSON Schema has the regular expressions of ECMAScript, with `u` or without. */
function compiles(pattern: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(pattern, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}
