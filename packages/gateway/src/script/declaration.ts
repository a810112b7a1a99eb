import type { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../protocol/message.ts';

/** Of one type, about: what is beyond is `unknown`. */
const MAX_CHARACTERS = 50_000;
const MAX_DEPTH = 24;
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
  #left = MAX_CHARACTERS;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  all(): string {
    return this.#type(this.#root, 0, '');
  }

  /** @param indent - Of the line that it begins in. */
  #type(schema: unknown, depth: number, indent: string): string {
    if (!isObject(schema)) return schema === false ? 'never' : 'unknown';
    if (depth > MAX_DEPTH || this.#left < 0) return 'unknown';
    const { $ref, const: only, enum: values, anyOf, oneOf, allOf } = schema;
    const type = (one: unknown): string => this.#type(one, depth + 1, indent);
    if (typeof $ref === 'string') return type(this.#referred($ref));
    if (only !== undefined) return this.#taken(JSON.stringify(only));
    if (Array.isArray(values)) return this.#taken(union(values.map((value) => JSON.stringify(value))));
    const choices = Array.isArray(anyOf) ? anyOf : oneOf;
    if (Array.isArray(choices)) return union(choices.map(type));
    if (Array.isArray(allOf)) {
      const own = schema.properties === undefined ? [] : [this.#object(schema, depth, indent)];
      return [...own, ...allOf.map(type)].join(' & ');
    }
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    return union(types.map((name) => this.#named(name, schema, depth, indent)));
  }

  #named(type: unknown, schema: JsonObject, depth: number, indent: string): string {
    if (type === 'array') return this.#array(schema, depth, indent);
    const isObjectType = type === 'object' || (type === undefined && isObject(schema.properties));
    if (isObjectType) return this.#object(schema, depth, indent);
    return this.#taken((typeof type === 'string' && Object.hasOwn(NAMES, type) && NAMES[type]) || 'unknown');
  }

  #array({ items, prefixItems }: JsonObject, depth: number, indent: string): string {
    const type = (one: unknown): string => this.#type(one, depth + 1, indent);
    if (Array.isArray(prefixItems)) return `[${prefixItems.map(type).join(', ')}]`;
    const item = type(items);
    return /[|&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }

  #object({ properties, required, additionalProperties }: JsonObject, depth: number, indent: string): string {
    const needed = new Set(Array.isArray(required) ? required : []);
    const inner = `${indent}  `;
    const members: string[] = [];
    for (const [key, schema] of Object.entries(isObject(properties) ? properties : {})) {
      if (this.#left < 0) {
        members.push(`${inner}[more: string]: unknown;\n`);
        break;
      }
      const said = comment(isObject(schema) ? schema.description : undefined, inner);
      const name = IDENTIFIER.test(key) ? key : JSON.stringify(key);
      const start = this.#taken(`${said}${inner}${name}${needed.has(key) ? '' : '?'}: `);
      members.push(`${start}${this.#type(schema, depth + 1, inner)};\n`);
    }
    if (isObject(additionalProperties)) {
      members.push(`${inner}[key: string]: ${this.#type(additionalProperties, depth + 1, inner)};\n`);
    }
    if (members.length === 0) return this.#taken(additionalProperties === false ? '{}' : 'Record<string, unknown>');
    return `{\n${members.join('')}${indent}}`;
  }

  #taken(text: string): string {
    this.#left -= text.length;
    return text;
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
