import { closest, distance } from 'fastest-levenshtein';
import type { core } from 'zod';
import type { ConfigProblem } from './config-error.ts';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import type { Place } from './place.ts';
import { isSecretPlace } from './secrets.ts';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Puts what zod found into sentences that name the kind expected, the limit, and the nearest key that exists. */
export function describeIssues(issues: readonly core.$ZodIssue[], tree: unknown): readonly ConfigProblem[] {
  return issues.flatMap((issue) => describeIssue(issue, tree));
}

function describeIssue(issue: core.$ZodIssue, tree: unknown): readonly ConfigProblem[] {
  const place = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const say = (message: string): readonly ConfigProblem[] => [{ place, message }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ place: [...place, key], message: unknownKey(key, knownKeys(place)) }));
    case 'invalid_type':
      return say(`expected ${KINDS[issue.expected] ?? issue.expected}, got ${shown(place, tree)}`);
    case 'invalid_value':
      return say(`expected ${oneOf(issue.values)}, got ${shown(place, tree)}${nearest(place, tree, issue.values)}`);
    case 'too_small':
      // What the schema says itself knows more than the numbers do.
      if (!issue.message.startsWith('Too small')) return say(issue.message);
      return say(`${sizeWord(issue.origin)} is at least ${issue.minimum}, got ${size(place, tree)}`);
    case 'too_big':
      return say(`${sizeWord(issue.origin)} is at most ${issue.maximum}, got ${size(place, tree)}`);
    case 'invalid_key':
      return say(issue.issues[0]?.message ?? 'this name cannot be used');
    case 'invalid_format':
      return say(
        issue.format === 'url'
          ? `expected an address such as https://example.com, got ${shown(place, tree)}`
          : issue.message,
      );
    default:
      return say(issue.message);
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.length > 0 ? closest(key, known) : '';
  const guess = near && distance(key, near) <= Math.max(2, key.length / 3) ? `; did you mean "${near}"?` : '';
  return `there is no such key${guess} (known: ${known.join(', ')})`;
}

/** The keys that a place may hold, read from the published schema so that the two cannot differ. */
function knownKeys(place: Place): readonly string[] {
  let node: JsonSchema | undefined = configJsonSchema();
  for (const step of place) {
    const rest: JsonSchema['additionalProperties'] = node?.additionalProperties;
    node =
      typeof step === 'number'
        ? node?.items
        : (node?.properties?.[step] ?? (typeof rest === 'object' ? rest : undefined));
  }
  return Object.keys(node?.properties ?? {});
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function nearest(place: Place, tree: unknown, values: readonly unknown[]): string {
  const given = valueAt(place, tree);
  const texts = values.filter((value) => typeof value === 'string');
  if (typeof given !== 'string' || texts.length === 0) return '';
  const near = closest(given, texts);
  return distance(given, near) <= 2 ? `; did you mean "${near}"?` : '';
}

function shown(place: Place, tree: unknown): string {
  const value = valueAt(place, tree);
  if (value === undefined) return 'nothing';
  if (value === null || Array.isArray(value) || typeof value === 'object')
    return KINDS[value === null ? 'null' : Array.isArray(value) ? 'array' : 'object'] ?? 'an object';
  if (isSecretPlace(place)) return KINDS[typeof value] ?? typeof value;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

function sizeWord(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'the length' : 'the value';
}

function size(place: Place, tree: unknown): string {
  const value = valueAt(place, tree);
  return typeof value === 'string' || Array.isArray(value) ? String(value.length) : shown(place, tree);
}

function valueAt(place: Place, tree: unknown): unknown {
  return place.reduce<unknown>((node, step) => (node as Record<string | number, unknown> | undefined)?.[step], tree);
}
