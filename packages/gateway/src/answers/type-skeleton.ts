import { isMembers } from '../query/exact-json.ts';

/** What is told of a type: levels, members of an object, and characters of all of it. */
const MAX_DEPTH = 4;
const MAX_MEMBERS = 30;
const MAX_LENGTH = 600;

/** Elements that are looked at to find out what a list holds. */
const SAMPLE = 20;

/** The type of a value as TypeScript would write it, with the lengths of lists: `{total: number, items: {id: number, title: string}[300]}`. */
export function typeSkeleton(value: unknown): string {
  const text = typeOf(value, MAX_DEPTH);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

function typeOf(value: unknown, depth: number): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return listType(value, depth);
  if (!isMembers(value)) return typeof value === 'object' ? 'number' : typeof value;
  if (depth === 0) return '{...}';
  const members = Object.entries(value);
  const told = members.slice(0, MAX_MEMBERS).map(([name, inner]) => `${keyOf(name)}: ${typeOf(inner, depth - 1)}`);
  const more = members.length > MAX_MEMBERS ? [`... ${members.length - MAX_MEMBERS} more`] : [];
  return `{${[...told, ...more].join(', ')}}`;
}

/** Objects in it are told as one that has the members of all. */
function listType(list: readonly unknown[], depth: number): string {
  if (depth === 0) return `unknown[${list.length}]`;
  const sample = list.slice(0, SAMPLE);
  const objects = sample.filter(isMembers);
  const whole: unknown[] = objects.length > 0 ? [Object.assign({}, ...objects.toReversed())] : [];
  const types = new Set([...whole, ...sample.filter((one) => !isMembers(one))].map((one) => typeOf(one, depth - 1)));
  const inner = [...types].join(' | ');
  return `${types.size > 1 ? `(${inner})` : inner || 'unknown'}[${list.length}]`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
