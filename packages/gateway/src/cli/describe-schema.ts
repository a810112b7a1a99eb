type Json = Readonly<Record<string, unknown>>;

/** One value that a schema describes. */
export interface SchemaRow {
  /** Such as `options.depth`, or `files[].path`. */
  readonly path: string;
  /** Its type and what limits it, such as `integer from 1 to 10`. */
  readonly kind: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** Values within values are shown so far. */
const MAX_DEPTH = 4;
const MAX_ROWS = 200;
const SHOWN_LENGTH = 60;
const SHOWN_CHOICES_LENGTH = 120;
/** Members of an object that is one of several choices; one with more is told of member by member. */
const MAX_SHAPE = 2;

/** What a schema says of the members of its objects, in order. What several choices have is one row. */
export function schemaRows(schema: unknown): readonly SchemaRow[] {
  const byPath = new Map<string, SchemaRow>();
  for (const row of allRows(schema)) {
    const known = byPath.get(row.path);
    byPath.set(row.path, known ? joined(known, row) : row);
  }
  return [...byPath.values()];
}

function joined(one: SchemaRow, other: SchemaRow): SchemaRow {
  return {
    path: one.path,
    kind: one.kind.split(' or ').includes(other.kind) ? one.kind : `${one.kind} or ${other.kind}`,
    isRequired: one.isRequired && other.isRequired,
    description: one.description || other.description,
  };
}

function allRows(schema: unknown): readonly SchemaRow[] {
  const rows: SchemaRow[] = [];
  const walk = (node: Json, path: string, depth: number): void => {
    const { properties, required } = node;
    if (depth > MAX_DEPTH) return;
    for (const choice of choicesOf(node, schema)) {
      const shape = shapeOf(choice);
      if (shape.length === 0) walk(choice, path, depth);
      for (const [name, value] of shape) walk(resolved(value, schema), `${path}.${name}`, depth + 1);
    }
    if (!isObject(properties)) return;
    for (const [name, value] of Object.entries(properties)) {
      if (rows.length >= MAX_ROWS) return;
      const at = path === '' ? name : `${path}.${name}`;
      const inner = resolved(value, schema);
      const isRequired = Array.isArray(required) && required.includes(name);
      rows.push({ path: at, kind: kindOf(inner, schema), isRequired, description: text(inner.description) });
      walk(inner, at, depth + 1);
      if (inner.items !== undefined) walk(resolved(inner.items, schema), `${at}[]`, depth + 1);
    }
  };
  walk(resolved(schema, schema), '', 1);
  return rows;
}

/** The least that a schema wants, with a word in place of each value: to be written over. */
export function exampleOf(schema: unknown): unknown {
  const of = (value: unknown, depth: number): unknown => {
    const node = resolved(value, schema);
    if (node.default !== undefined) return node.default;
    if (node.const !== undefined) return node.const;
    if (Array.isArray(node.enum)) return node.enum[0];
    if (Array.isArray(node.examples)) return node.examples[0];
    const type = Array.isArray(node.type) ? node.type[0] : node.type;
    if (type === 'object' || isObject(node.properties)) {
      const { properties = {}, required = [] } = node as { properties?: Json; required?: readonly string[] };
      const names = Array.isArray(required) && depth <= MAX_DEPTH ? required : [];
      return Object.fromEntries(names.map((name) => [name, of(properties[name], depth + 1)]));
    }
    if (type === 'array') return [];
    if (type === 'number' || type === 'integer') return typeof node.minimum === 'number' ? node.minimum : 1;
    return type === 'boolean' ? true : '...';
  };
  return of(schema, 1);
}

function kindOf(node: Json, root: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) return '...';
  const { type, format, minimum, maximum, items } = node;
  const choices = choicesOf(node, root);
  const types = Array.isArray(type) ? type.join(' or ') : text(type);
  const words: string[] = [];
  if (node.const !== undefined) words.push(shown(node.const));
  else if (Array.isArray(node.enum)) words.push(cutAt(node.enum.map(shown).join(' | ')));
  else if (types === 'array' && items !== undefined)
    words.push(`array of ${kindOf(resolved(items, root), root, depth + 1)}`);
  else if (types !== '') words.push(types);
  else if (choices.length > 0) {
    const kinds = new Set(choices.map((one) => choiceKind(one, root, depth + 1)));
    words.push(cutAt([...kinds].join(' or '), SHOWN_CHOICES_LENGTH));
  } else words.push('any');
  if (format !== undefined) words.push(`(${text(format)})`);
  if (minimum !== undefined) words.push(`from ${shown(minimum)}`);
  if (maximum !== undefined) words.push(`to ${shown(maximum)}`);
  if (node.default !== undefined) words.push(`= ${cutAt(shown(node.default))}`);
  return words.join(' ');
}

/** One of several choices, told apart by its members where it has few, such as the `{ ok: … }` of a result. */
function choiceKind(choice: Json, root: unknown, depth: number): string {
  const shape = shapeOf(choice);
  if (shape.length === 0) return kindOf(choice, root, depth);
  return `{ ${shape.map(([name, value]) => `${name}: ${kindOf(resolved(value, root), root, depth)}`).join(', ')} }`;
}

function shapeOf({ properties }: Json): readonly (readonly [string, unknown])[] {
  const members = isObject(properties) ? Object.entries(properties) : [];
  return members.length <= MAX_SHAPE ? members : [];
}

/** What a value may be one of. */
function choicesOf(node: Json, root: unknown): readonly Json[] {
  const choices = node.anyOf ?? node.oneOf;
  return Array.isArray(choices) ? choices.map((one) => resolved(one, root)) : [];
}

/** The schema itself, or where it refers to another part of the whole, that part. */
function resolved(value: unknown, root: unknown): Json {
  if (!isObject(value)) return {};
  const { $ref, ...own } = value;
  if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return value;
  let node: unknown = root;
  for (const step of $ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }
  return isObject(node) ? { ...node, ...own, $ref: undefined } : own;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function cutAt(words: string, longest = SHOWN_LENGTH): string {
  return words.length > longest ? `${words.slice(0, longest - 1)}…` : words;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
