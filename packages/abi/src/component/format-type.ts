import type { FunctionType, ValueType } from './value-type.ts';

/** A type as WIT would write it, with the parts of named types written out: two types of one text are the same. */
function formatType(type: ValueType): string {
  switch (type.kind) {
    case 'record':
      return `record{${type.fields.map((field) => `${field.name}: ${formatType(field.type)}`).join(', ')}}`;
    case 'variant':
      return `variant{${type.cases.map(({ name, type: val }) => (val ? `${name}(${formatType(val)})` : name)).join(', ')}}`;
    case 'list':
      return `list<${formatType(type.element)}>`;
    case 'tuple':
      return `tuple<${type.elements.map(formatType).join(', ')}>`;
    case 'flags':
    case 'enum':
      return `${type.kind}{${type.names.join(', ')}}`;
    case 'option':
      return `option<${formatType(type.inner)}>`;
    case 'result':
      return formatResult(type.ok, type.err);
    case 'own':
      return type.resource.name;
    case 'borrow':
      return `borrow<${type.resource.name}>`;
    default:
      return type.kind;
  }
}

function formatFunction({ params, result }: FunctionType): string {
  const list = params.map(({ name, type }) => `${name}: ${formatType(type)}`).join(', ');
  return result ? `(${list}) -> ${formatType(result)}` : `(${list})`;
}

/** A function's type as `(name: string) -> u32`, for people: of one that is longer, the beginning and how much was left out. */
export function shownFunction(type: FunctionType, longest: number): string {
  const text = formatFunction(type);
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length - longest} more characters)` : text;
}

/** What matters of a function's type to whoever is called: the types alone, as `(u64) -> list<u8>`. */
export function formatSignature({ params, result }: FunctionType): string {
  const list = params.map(({ type }) => formatType(type)).join(', ');
  return result ? `(${list}) -> ${formatType(result)}` : `(${list})`;
}

function formatResult(ok: ValueType | undefined, err: ValueType | undefined): string {
  if (ok === undefined && err === undefined) return 'result';
  if (err === undefined) return `result<${formatType(ok as ValueType)}>`;
  return `result<${ok ? formatType(ok) : '_'}, ${formatType(err)}>`;
}
