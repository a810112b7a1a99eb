import type { JsonRoom } from './json-room.ts';
import type { ValueType, VariantCase } from './value-type.ts';

interface Tagged {
  readonly tag: string;
  readonly val?: unknown;
}

const NULL_LENGTH = 4;
/** `"tag":`, and `"val":` */
const KEY_LENGTH = 6;

/**
 * The JSON of a value that came from a guest. What JSON has no number for becomes a string.
 *
 * @param room - For its text: what cannot have it is not made.
 * @throws PassingLimitError
 */
export function toJson(type: ValueType, value: unknown, room: JsonRoom): unknown {
  switch (type.kind) {
    case 'bool':
      room.take(NULL_LENGTH);
      return value;
    case 'string':
    case 'enum':
      room.takeText(value as string);
      return value;
    case 'char': {
      const text = String.fromCodePoint(value as number);
      room.takeText(text);
      return text;
    }
    case 'u64':
    case 's64': {
      room.takeNumber(value);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'f32':
    case 'f64':
      room.takeNumber(value);
      return Number.isFinite(value) ? value : String(value);
    case 'list': {
      const items = value as readonly unknown[] | Uint8Array;
      if (items instanceof Uint8Array) {
        room.takeBytes(items);
        return Array.from(items);
      }
      room.takeParts(items.length);
      return items.map((item) => toJson(type.element, item, room));
    }
    case 'tuple':
      room.takeParts(type.elements.length);
      return type.elements.map((element, index) => toJson(element, (value as readonly unknown[])[index], room));
    case 'record': {
      const record = value as Readonly<Record<string, unknown>>;
      room.takeParts(type.fields.length);
      return Object.fromEntries(
        type.fields.map(({ name, type: part }) => {
          takeKey(name, room);
          return [name, toJson(part, record[name], room)];
        }),
      );
    }
    case 'flags': {
      const names = type.names.filter((_, index) => (((value as number) >>> index) & 1) === 1);
      room.takeParts(names.length);
      for (const name of names) room.takeText(name);
      return names;
    }
    case 'option': {
      const { inner } = type;
      if (inner.kind === 'option')
        return caseOf([{ name: 'none' }, { name: 'some', type: inner }], value as Tagged, room);
      return value === undefined ? nothing(room) : toJson(inner, value, room);
    }
    case 'variant':
      return caseOf(type.cases, value as Tagged, room);
    case 'result': {
      const { tag, val } = value as Tagged;
      const payload = tag === 'ok' ? type.ok : type.err;
      room.takeParts(1);
      takeKey(tag, room);
      return { [tag]: payload ? toJson(payload, val, room) : nothing(room) };
    }
    default:
      room.takeNumber(value);
      return value;
  }
}

function caseOf(cases: readonly VariantCase[], { tag, val }: Tagged, room: JsonRoom): unknown {
  const type = cases.find(({ name }) => name === tag)?.type;
  room.takeParts(type ? 2 : 1);
  room.take(KEY_LENGTH);
  room.takeText(tag);
  if (type === undefined) return { tag };
  room.take(KEY_LENGTH);
  return { tag, val: toJson(type, val, room) };
}

/** A name of a field, with its colon. */
function takeKey(name: string, room: JsonRoom): void {
  room.takeText(name);
  room.take(1);
}

function nothing(room: JsonRoom): null {
  room.take(NULL_LENGTH);
  return null;
}
