import type { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';

/** Schemas that are read of one tool, references counted each time: what is beyond is `unknown`. */
const MAX_SCHEMAS = 2_000;
const MAX_DEPTH = 12;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const NAMES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** How a script calls a tool, as a declaration of TypeScript: what its schemas say, with their descriptions. */
export function declarationOf(name: string, tool: ObjectText): string {
  const input = new Types(tool.object('inputSchema')?.toValue() ?? {});
  const output = tool.object('outputSchema');
  const result = output ? new Types(output.toValue()).all() : 'unknown';
  const description = comment(tool.text('description') ?? tool.text('title'), '');
  return `${description}declare function call(tool: ${JSON.stringify(name)}, args: ${input.all()}): Promise<${result}>;`;
}

class Types {
  readonly #root: JsonObject;
  #left = MAX_SCHEMAS;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  all(): string {
    return this.#type(this.#root, 0);
  }

  #type(schema: unknown, depth: number): string {
    if (!isObject(schema) || depth > MAX_DEPTH || --this.#left < 0) return schema === false ? 'never' : 'unknown';
    const { $ref, const: only, enum: values, anyOf, oneOf, allOf } = schema;
    if (typeof $ref === 'string') return this.#type(this.#referred($ref), depth + 1);
    if (only !== undefined) return JSON.stringify(only);
    if (Array.isArray(values)) return union(values.map((value) => JSON.stringify(value)));
    const choices = Array.isArray(anyOf) ? anyOf : oneOf;
    if (Array.isArray(choices)) return union(choices.map((choice) => this.#type(choice, depth + 1)));
    if (Array.isArray(allOf)) {
      const own = schema.properties === undefined ? [] : [this.#object(schema, depth)];
      return [...own, ...allOf.map((part) => this.#type(part, depth + 1))].join(' & ');
    }
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    return union(types.map((type) => this.#named(type, schema, depth)));
  }

  #named(type: unknown, schema: JsonObject, depth: number): string {
    if (type === 'array') return this.#array(schema, depth);
    const isObjectType = type === 'object' || (type === undefined && isObject(schema.properties));
    if (isObjectType) return this.#object(schema, depth);
    return (typeof type === 'string' && Object.hasOwn(NAMES, type) && NAMES[type]) || 'unknown';
  }

  #array({ items, prefixItems }: JsonObject, depth: number): string {
    if (Array.isArray(prefixItems)) return `[${prefixItems.map((item) => this.#type(item, depth + 1)).join(', ')}]`;
    const item = this.#type(items, depth + 1);
    return /[|&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }

  #object({ properties, required, additionalProperties }: JsonObject, depth: number): string {
    const needed = new Set(Array.isArray(required) ? required : []);
    const indent = '  '.repeat(depth + 1);
    const members = Object.entries(isObject(properties) ? properties : {}).map(([key, schema]) => {
      const said = comment(isObject(schema) ? schema.description : undefined, indent);
      const name = IDENTIFIER.test(key) ? key : JSON.stringify(key);
      return `${said}${indent}${name}${needed.has(key) ? '' : '?'}: ${this.#type(schema, depth + 1)};\n`;
    });
    if (isObject(additionalProperties)) {
      members.push(`${indent}[key: string]: ${this.#type(additionalProperties, depth + 1)};\n`);
    }
    if (members.length === 0) return additionalProperties === false ? '{}' : 'Record<string, unknown>';
    return `{\n${members.join('')}${'  '.repeat(depth)}}`;
  }

  /** Of a JSON Pointer into the schema itself; what is elsewhere is not known here. */
  #referred(reference: string): unknown {
    if (!reference.startsWith('#/') && reference !== '#') return undefined;
    let found: unknown = this.#root;
    for (const token of reference.split('/').slice(1)) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(found)) found = found[Number(key)];
      else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    return found;
  }
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ') || 'never';
}

/** A description, which must not end the comment that it stands in. */
function comment(text: unknown, indent: string): string {
  if (typeof text !== 'string' || text.trim() === '') return '';
  return `${indent}/** ${text.trim().replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')} */\n`;
}
