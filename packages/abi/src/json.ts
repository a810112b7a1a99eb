import { MessageError } from './errors.ts';
import { hasDistinctKeys } from './has-distinct-keys.ts';
import { HELD_PER_BYTE, heldByJson } from './held-by-json.ts';
import { LONGEST_MESSAGE_BYTES } from './longest-message.ts';
import { parseJsonText } from './parse-json-text.ts';

/** What the values of one text may take of the host's memory: more could end whoever runs it. */
const MOST_HELD_BYTES = LONGEST_MESSAGE_BYTES * HELD_PER_BYTE;

/** A JSON object whose fields have not been looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Names a place in a guest's message, so that a reader can say where a value was wrong. */
export interface Place {
  readonly exportName: string;
  /** A path such as `[2].parameters`; empty for the whole message. */
  readonly field: string;
}

/** The place of one field, or of one index, of the value at `place`. */
export function inside(place: Place, key: string | number): Place {
  const step = typeof key === 'number' ? `[${key}]` : place.field === '' ? key : `.${key}`;
  return { exportName: place.exportName, field: place.field + step };
}

/**
 * Parses JSON from a guest.
 *
 * @throws ABI_BAD_MESSAGE without the text: what a guest says may be secret, and V8's own errors quote it; also for so many values that they would take more than 1,016 MiB.
 */
export function parseJson(text: string, exportName: string): unknown {
  if (heldByJson(text, MOST_HELD_BYTES) > MOST_HELD_BYTES)
    throw new MessageError({ exportName, field: '', problem: `has too many values (${text.length} characters)` });
  try {
    return parseJsonText(text);
  } catch {
    throw new MessageError({ exportName, field: '', problem: `is not JSON (${text.length} characters)` });
  }
}

/**
 * Parses JSON from a guest in which every key must count: of two equal ones only the last would, and nobody may depend on which.
 *
 * @throws ABI_BAD_MESSAGE without the text.
 */
export function parseDistinctJson(text: string, exportName: string): unknown {
  const value = parseJson(text, exportName);
  if (hasDistinctKeys(text, value)) return value;
  throw new MessageError({ exportName, field: '', problem: 'has an object with a key twice' });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws ABI_BAD_MESSAGE always: the value at `place` should have been something else. */
export function refuse(place: Place, expected: string, found: unknown): never {
  throw new MessageError({ ...place, problem: `must be ${expected}, found ${kindOf(found)}` });
}

export function readObject(value: unknown, place: Place): JsonObject {
  return isObject(value) ? value : refuse(place, 'an object', value);
}

/** @throws ABI_BAD_MESSAGE for a field with a value that is not among the known ones. Its name may be data, so only the known ones are told. */
export function refuseOtherFields(value: JsonObject, known: readonly string[], place: Place): void {
  if (Object.entries(value).every(([key, field]) => known.includes(key) || field === null)) return;
  const others = known.map((key) => `"${key}"`).join(', ');
  throw new MessageError({ ...place, problem: `has an unknown field; known: ${others}` });
}

export function readText(value: unknown, place: Place): string {
  return typeof value === 'string' ? value : refuse(place, 'a string', value);
}

export function readArray(value: unknown, place: Place): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(place, 'an array', value);
}

/** An array of strings. Absent and null count as empty, because Go writes an empty slice as null. */
export function readTexts(value: unknown, place: Place): readonly string[] {
  if (value === undefined || value === null) return [];
  const list = readArray(value, place);
  for (let index = 0; index < list.length; index++) {
    if (typeof list[index] !== 'string') refuse(inside(place, index), 'a string', list[index]);
  }
  return list as readonly string[];
}

/** An object of strings. Absent and null count as empty, because Go writes an empty map as null. */
export function readTextMap(value: unknown, place: Place): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  const map = readObject(value, place);
  for (const [key, entry] of Object.entries(map)) {
    if (typeof entry !== 'string') refuse(inside(place, key), 'a string', entry);
  }
  return map as Readonly<Record<string, string>>;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
