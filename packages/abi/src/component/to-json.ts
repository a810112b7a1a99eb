import type { ValueType, VariantCase } from './value-type.ts';

interface Tagged {
  readonly tag: string;
  readonly val?: unknown;
}

/** The JSON of a value that came from a guest. What JSON has no number for becomes a string. */
export function toJson(type: ValueType, value: unknown): unknown {
  switch (type.kind) {
    case 'char':
      return String.fromCodePoint(value as number);
    case 'u64':
    case 's64': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'f32':
    case 'f64':
      return Number.isFinite(value) ? value : String(value);
    case 'list':
      return Array.from(value as Iterable<unknown>, (item) => toJson(type.element, item));
    case 'tuple':
      return type.elements.map((element, index) => toJson(element, (value as readonly unknown[])[index]));
    case 'record': {
      const record = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(type.fields.map((field) => [field.name, toJson(field.type, record[field.name])]));
    }
    case 'flags':
      return type.names.filter((_, index) => (((value as number) >>> index) & 1) === 1);
    case 'option': {
      const { inner } = type;
      if (inner.kind === 'option') return caseOf([{ name: 'none' }, { name: 'some', type: inner }], value as Tagged);
      return value === undefined ? null : toJson(inner, value);
    }
    case 'variant':
      return caseOf(type.cases, value as Tagged);
    case 'result': {
      const { tag, val } = value as Tagged;
      const payload = tag === 'ok' ? type.ok : type.err;
      return { [tag]: payload ? toJson(payload, val) : null };
    }
    default:
      return value;
  }
}

function caseOf(cases: readonly VariantCase[], { tag, val }: Tagged): unknown {
  const type = cases.find(({ name }) => name === tag)?.type;
  return type ? { tag, val: toJson(type, val) } : { tag };
}
