import type { ValueType, VariantCase } from './value-type.ts';

/** An argument is not of the type that its function takes. The sentence names the place and what was found, never the value. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

const LONGEST_NAME = 100;
/** A typed array takes more of the host's memory than the numbers of so few. */
const FEW_BYTES = 16;

type Json = Readonly<Record<string, unknown>>;

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffffffff],
  s32: [-0x80000000, 0x7fffffff],
};
/** What such a number has to stay within, in either direction. */
const [LARGEST_F32, LARGEST_F64] = ['3.4e38', '1.8e308'];
const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * A value of a type out of JSON. Nothing is converted: what is not of the type is refused.
 *
 * @param place - Where the value stands, for the error, such as `p.x`.
 * @throws ArgumentError
 */
function fromJson(type: ValueType, json: unknown, place: string): unknown {
  switch (type.kind) {
    case 'bool':
      return typeof json === 'boolean' ? json : refuse(place, 'true or false', json);
    case 'string':
      return typeof json === 'string' ? json : refuse(place, 'a string', json);
    case 'char':
      return characterOf(json, place);
    case 'u64':
      return bigOf(json, 0n, 2n ** 64n - 1n, place);
    case 's64':
      return bigOf(json, -(2n ** 63n), 2n ** 63n - 1n, place);
    case 'f32':
    case 'f64':
      return floatOf(type.kind, json, place);
    case 'list':
      return listOf(type.element, json, place);
    case 'tuple': {
      const { elements } = type;
      if (!Array.isArray(json) || json.length !== elements.length)
        refuse(place, `an array of ${elements.length} values`, json);
      return elements.map((element, index) => fromJson(element, json[index], `${place}[${index}]`));
    }
    case 'record':
      return recordOf(type.fields, json, place);
    case 'enum':
      return typeof json === 'string' && type.names.includes(json) ? json : refuse(place, oneOf(type.names), json);
    case 'flags':
      return flagsOf(type.names, json, place);
    case 'option': {
      const { inner } = type;
      if (inner.kind === 'option') return caseOf([{ name: 'none' }, { name: 'some', type: inner }], json, place);
      return json === null || json === undefined ? undefined : fromJson(inner, json, place);
    }
    case 'variant':
      return caseOf(type.cases, json, place);
    case 'result':
      return resultOf(type, json, place);
    case 'own':
    case 'borrow':
      return refuse(place, 'a handle, which JSON has not', json);
    default: {
      const [min, max] = RANGES[type.kind] as readonly [number, number];
      const isInside = typeof json === 'number' && Number.isInteger(json) && json >= min && json <= max;
      return isInside ? json : refuse(place, `a whole number from ${min} to ${max}`, json);
    }
  }
}

/** The fields of a record, or the parameters of a function: options may be left out, and nothing else be there. */
export function recordOf(
  fields: readonly { readonly name: string; readonly type: ValueType }[],
  json: unknown,
  place: string,
): Record<string, unknown> {
  if (!isObject(json)) return refuse(place, 'an object', json);
  const inside = (name: string): string => (place === '' ? name : `${place}.${name}`);
  const record: Record<string, unknown> = {};
  let found = 0;
  for (const { name, type } of fields) {
    const isThere = Object.hasOwn(json, name);
    if (isThere) found += 1;
    else if (type.kind !== 'option' || type.inner.kind === 'option') {
      const others = othersThan(fields, json, place);
      refuse(inside(name), 'there', undefined, others === undefined ? '' : `; ${others}`);
    }
    record[name] = fromJson(type, isThere ? json[name] : undefined, inside(name));
  }
  const others = found < Object.keys(json).length ? othersThan(fields, json, place) : undefined;
  if (others !== undefined) throw new ArgumentError(others);
  return record;
}

/** Says what is there beside the names that are known. */
function othersThan(fields: readonly { readonly name: string }[], json: Json, place: string): string | undefined {
  const known = fields.map(({ name }) => name);
  const unknown = Object.keys(json).filter((name) => !known.includes(name));
  if (unknown.length === 0) return undefined;
  const what = place === '' ? 'argument' : 'field';
  const where = place === '' ? '' : ` in "${place}"`;
  const told = unknown.length === 1 ? `there is no ${what}` : `there are no ${what}s`;
  return `${told} ${oneOf(unknown.map(shortName))}${where}; known: ${oneOf(known) || 'none'}`;
}

function characterOf(json: unknown, place: string): number {
  const code = typeof json === 'string' && json.isWellFormed() ? json.codePointAt(0) : undefined;
  if (code === undefined || String.fromCodePoint(code) !== json)
    return refuse(place, 'a string of one character', json);
  return code;
}

function bigOf(json: unknown, min: bigint, max: bigint, place: string): bigint {
  const isNumber = typeof json === 'number' && Number.isSafeInteger(json);
  const isText = typeof json === 'string' && /^-?[0-9]{1,20}$/.test(json);
  const value = isNumber || isText ? BigInt(json) : undefined;
  if (value === undefined || value < min || value > max)
    return refuse(place, `a whole number from ${min} to ${max}, beyond 2^53 as a string`, json);
  return value;
}

function floatOf(kind: 'f32' | 'f64', json: unknown, place: string): number {
  if (typeof json === 'number') {
    if (Number.isFinite(kind === 'f32' ? Math.fround(json) : json)) return json;
    const expected = `a number of ${kind}; one without end is "Infinity" or "-Infinity" as a string`;
    return refuse(place, expected, json, Number.isFinite(json) ? ` beyond ${LARGEST_F32}` : '');
  }
  const special = typeof json === 'string' && Object.hasOwn(NOT_FINITE, json) ? NOT_FINITE[json] : undefined;
  return special ?? refuse(place, 'a number', json);
}

function listOf(element: ValueType, json: unknown, place: string): unknown {
  if (!Array.isArray(json)) return refuse(place, 'an array', json);
  const items = json.map((item, index) => fromJson(element, item, `${place}[${index}]`));
  return element.kind === 'u8' && items.length > FEW_BYTES ? Uint8Array.from(items as number[]) : items;
}

function flagsOf(names: readonly string[], json: unknown, place: string): number {
  let bits = 0;
  const set = (name: unknown, isSet: unknown): void => {
    const index = names.indexOf(name as string);
    if (index < 0 || typeof isSet !== 'boolean') refuse(place, `an array of ${oneOf(names)}`, json);
    if (isSet) bits = (bits | (1 << index)) >>> 0;
  };
  if (Array.isArray(json)) for (const name of json) set(name, true);
  else if (isObject(json)) for (const [name, isSet] of Object.entries(json)) set(name, isSet);
  else refuse(place, `an array of ${oneOf(names)}`, json);
  return bits;
}

function caseOf(cases: readonly VariantCase[], json: unknown, place: string): unknown {
  const tag = isObject(json) && Object.hasOwn(json, 'tag') ? json.tag : undefined;
  const found = cases.find(({ name }) => name === tag);
  if (found === undefined || !isObject(json)) {
    return refuse(place, `an object whose "tag" is ${oneOf(cases.map(({ name }) => name))}`, json);
  }
  const others = othersThan([{ name: 'tag' }, { name: 'val' }], json, place);
  if (others !== undefined) throw new ArgumentError(others);
  if (found.type === undefined) {
    if (json.val !== undefined && json.val !== null) refuse(`${place}.val`, 'absent', json.val);
    return { tag };
  }
  return { tag, val: fromJson(found.type, Object.hasOwn(json, 'val') ? json.val : undefined, `${place}.val`) };
}

function resultOf(type: Extract<ValueType, { kind: 'result' }>, json: unknown, place: string): unknown {
  const keys = isObject(json) ? Object.keys(json) : [];
  const [tag] = keys;
  if (!isObject(json) || keys.length !== 1 || (tag !== 'ok' && tag !== 'err'))
    return refuse(place, 'an object with "ok" or "err"', json);
  const payload = type[tag];
  if (payload) return { tag, val: fromJson(payload, json[tag], `${place}.${tag}`) };
  return json[tag] === null ? { tag } : refuse(`${place}.${tag}`, 'null', json[tag]);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `"${name}"`);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}

/** The beginning of a name that whoever calls has made up: an answer is not as large as what was asked. */
function shortName(name: string): string {
  const shown = name.replace(/[\p{Cc}"]+/gu, ' ');
  return shown.length > LONGEST_NAME ? `${shown.slice(0, LONGEST_NAME).replace(/[\uD800-\uDBFF]$/, '')}…` : shown;
}

function refuse(place: string, expected: string, found: unknown, besides = ''): never {
  const kind =
    found === undefined
      ? 'nothing'
      : found === null
        ? 'null'
        : Array.isArray(found)
          ? `an array of ${found.length}`
          : typeof found === 'object'
            ? 'an object'
            : typeof found === 'number' && !Number.isFinite(found)
              ? `a number beyond ${LARGEST_F64}`
              : `a ${typeof found}`;
  throw new ArgumentError(
    `${place === '' ? 'the arguments' : `"${place}"`} must be ${expected}, found ${kind}${besides}`,
  );
}
