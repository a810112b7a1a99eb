import type { ValueType, VariantCase } from './value-type.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Whether values go to the guest or come from it: some have forms that are accepted and never given. */
export type Direction = 'in' | 'out';

const NOTHING: Schema = { type: 'null' };

/** JSON Schema of the values of a type, as `fromJson` takes and `toJson` gives them. Types have no handles in them. */
export function schemaOf(type: ValueType, direction: Direction): Schema {
  const inner = (part: ValueType): Schema => schemaOf(part, direction);
  switch (type.kind) {
    case 'bool':
      return { type: 'boolean' };
    case 'string':
      return { type: 'string' };
    case 'char':
      return { type: 'string', description: '1 unicode codepoint' };
    case 'u64':
    case 's64':
      return { type: ['number', 'string'], pattern: '^-?[0-9]+$', description: 'beyond 2^53 as a string' };
    case 'f32':
    case 'f64':
      return direction === 'in'
        ? { type: 'number' }
        : { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
    case 'list':
      return { type: 'array', items: inner(type.element) };
    case 'tuple': {
      const { length } = type.elements;
      return { type: 'array', prefixItems: type.elements.map(inner), minItems: length, maxItems: length };
    }
    case 'record': {
      const properties = Object.fromEntries(type.fields.map((field) => [field.name, inner(field.type)]));
      const required = type.fields.filter((field) => direction === 'out' || field.type.kind !== 'option');
      return { type: 'object', properties, required: required.map(({ name }) => name) };
    }
    case 'enum':
      return { type: 'string', enum: type.names };
    case 'flags':
      return flagsSchema(type.names, direction);
    case 'option': {
      const { inner: value } = type;
      if (value.kind !== 'option') return { anyOf: [NOTHING, inner(value)] };
      return { oneOf: [caseSchema({ name: 'none' }, inner), caseSchema({ name: 'some', type: value }, inner)] };
    }
    case 'variant':
      return { oneOf: type.cases.map((one) => caseSchema(one, inner)) };
    case 'result':
      return {
        oneOf: (['ok', 'err'] as const).map((key) => {
          const value = type[key];
          return { type: 'object', properties: { [key]: value ? inner(value) : NOTHING }, required: [key] };
        }),
      };
    case 'own':
    case 'borrow':
      throw new TypeError('Handles have no form in JSON.');
    default:
      return { type: 'number' };
  }
}

function caseSchema({ name, type }: VariantCase, inner: (part: ValueType) => Schema): Schema {
  if (type === undefined) return { type: 'object', properties: { tag: { const: name } }, required: ['tag'] };
  return { type: 'object', properties: { tag: { const: name }, val: inner(type) }, required: ['tag', 'val'] };
}

function flagsSchema(names: readonly string[], direction: Direction): Schema {
  const list = { type: 'array', items: { type: 'string', enum: names } };
  if (direction === 'out') return list;
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'boolean' }]));
  return { anyOf: [list, { type: 'object', properties }] };
}
