import {
  DEEPEST,
  isObject,
  type JsonSchema,
  MOST_PLACES,
  propertiesOf,
  requiredOf,
  type SchemaRoom,
  textOf,
} from './json-schema.ts';
import { resolveSchema } from './resolve-schema.ts';

/** One control of a form, made from a schema. What no control fits is written as JSON. */
export type FormField = FieldFacts &
  (
    | { readonly kind: 'text'; readonly isLong: boolean }
    | { readonly kind: 'number'; readonly isWhole: boolean }
    | { readonly kind: 'choice'; readonly choices: readonly unknown[] }
    | { readonly kind: 'list'; readonly item: FormField }
    | { readonly kind: 'group'; readonly members: readonly FormMember[] }
    | { readonly kind: 'json' }
  );

interface FieldFacts {
  readonly schema: JsonSchema;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

export interface FormMember {
  readonly name: string;
  readonly isRequired: boolean;
  readonly field: FormField;
}

/** From this length on, or by name, a text gets several lines. */
const LONG = 200;
const LONG_NAME = /content|text|body|message|query|prompt|code|script|sql|description/i;

/** Makes the form of a tool's arguments. Never throws: any JSON value gives a form. What is too deep, or too much, is written as JSON. */
export function formField(schema: unknown): FormField {
  return fieldOf(schema, { root: schema, room: { left: MOST_PLACES } }, '', 0);
}

interface Form {
  readonly root: unknown;
  readonly room: SchemaRoom;
}

function fieldOf(schema: unknown, form: Form, name: string, depth: number): FormField {
  const { root, room } = form;
  const resolved = resolveSchema(schema, root);
  const facts = {
    schema: resolved,
    title: textOf(resolved.title),
    description: textOf(resolved.description),
  };
  if (depth > DEEPEST) return { ...facts, kind: 'json' };
  if (Array.isArray(resolved.enum) && resolved.enum.length > 0) {
    return { ...facts, kind: 'choice', choices: resolved.enum };
  }
  if (resolved.const !== undefined) return { ...facts, kind: 'choice', choices: [resolved.const] };
  switch (resolved.type ?? (isObject(resolved.properties) ? 'object' : undefined)) {
    case 'string':
      return { ...facts, kind: 'text', isLong: isLong(resolved, name) };
    case 'number':
      return { ...facts, kind: 'number', isWhole: false };
    case 'integer':
      return { ...facts, kind: 'number', isWhole: true };
    case 'boolean':
      return { ...facts, kind: 'choice', choices: [true, false] };
    case 'array':
      if (!isObject(resolved.items)) return { ...facts, kind: 'json' };
      return { ...facts, kind: 'list', item: fieldOf(resolved.items, form, name, depth + 1) };
    case 'object': {
      const required = requiredOf(resolved);
      const properties = propertiesOf(resolved);
      if (properties.length > room.left) return { ...facts, kind: 'json' };
      room.left -= properties.length;
      const members = properties.map(([member, of]) => {
        return { name: member, isRequired: required.has(member), field: fieldOf(of, form, member, depth + 1) };
      });
      // An object with free keys has no controls to show; at the top, a tool without arguments has an empty form.
      const isFree = members.length === 0 && (depth > 0 || isObject(resolved.additionalProperties));
      return isFree ? { ...facts, kind: 'json' } : { ...facts, kind: 'group', members };
    }
    default:
      // A tool whose schema says nothing takes no arguments that anybody knows of.
      return depth === 0 && Object.keys(resolved).length === 0
        ? { ...facts, kind: 'group', members: [] }
        : { ...facts, kind: 'json' };
  }
}

function isLong({ format, enum: choices, maxLength }: JsonSchema, name: string): boolean {
  if (format !== undefined || choices !== undefined) return false;
  return typeof maxLength === 'number' ? maxLength >= LONG : LONG_NAME.test(name);
}
