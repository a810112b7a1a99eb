import { PassingLimitError } from './passing-limit.ts';
import type { ValueType, VariantCase } from './value-type.ts';

interface Tagged {
  readonly tag: string;
  readonly val?: unknown;
}

/** What a text may still have, in bytes. */
interface Room {
  left: number;
  readonly mostBytes: number;
}

/** What the JSON of an element of a list takes at least, in characters: one, and a comma. */
const LEAST_ELEMENT_LENGTH = 2;

/**
 * The JSON of a value that came from a guest. What JSON has no number for becomes a string.
 *
 * @param room - For its text, in bytes: lists that cannot have it are not made.
 * @throws PassingLimitError
 */
export function toJson(type: ValueType, value: unknown, room: Room): unknown {
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
    case 'list': {
      const items = value as readonly unknown[] | Uint8Array;
      room.left -= items.length * LEAST_ELEMENT_LENGTH;
      if (room.left < 0) {
        const { left, mostBytes: limitBytes } = room;
        throw new PassingLimitError({
          ...{ direction: 'from guest', measure: 'message', limitBytes },
          byteLength: limitBytes - left,
        });
      }
      return items instanceof Uint8Array ? Array.from(items) : items.map((item) => toJson(type.element, item, room));
    }
    case 'tuple':
      return type.elements.map((element, index) => toJson(element, (value as readonly unknown[])[index], room));
    case 'record': {
      const record = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(type.fields.map((field) => [field.name, toJson(field.type, record[field.name], room)]));
    }
    case 'flags':
      return type.names.filter((_, index) => (((value as number) >>> index) & 1) === 1);
    case 'option': {
      const { inner } = type;
      if (inner.kind === 'option')
        return caseOf([{ name: 'none' }, { name: 'some', type: inner }], value as Tagged, room);
      return value === undefined ? null : toJson(inner, value, room);
    }
    case 'variant':
      return caseOf(type.cases, value as Tagged, room);
    case 'result': {
      const { tag, val } = value as Tagged;
      const payload = tag === 'ok' ? type.ok : type.err;
      return { [tag]: payload ? toJson(payload, val, room) : null };
    }
    default:
      return value;
  }
}

function caseOf(cases: readonly VariantCase[], { tag, val }: Tagged, room: Room): unknown {
  const type = cases.find(({ name }) => name === tag)?.type;
  return type ? { tag, val: toJson(type, val, room) } : { tag };
}
