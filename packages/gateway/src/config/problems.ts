import { isDeepStrictEqual } from 'node:util';
import type { core } from 'zod';
import type { ConfigProblem } from './config-error.ts';
import { foreignKey } from './foreign-keys.ts';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import { didYouMean, nearest } from './nearest.ts';
import type { Place } from './place.ts';
import { isSecretPlace } from './secrets.ts';
import { NO_TRANSPORT } from './servers-section.ts';
import { usableName } from './usable-name.ts';

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

/** What zod says of a value that is none of several forms, where the schema says nothing itself. */
const UNSAID_UNION = 'Invalid input';
const UNSAID_URL = 'Invalid URL';
/** What zod says of a value of another kind. */
const KIND_ISSUES: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value']);

/** Puts what zod found into sentences that name the kind expected, the limit, and the nearest key that exists. */
export function describeIssues(issues: readonly core.$ZodIssue[], tree: unknown): readonly ConfigProblem[] {
  return issues
    .flatMap((issue) => describeIssue(issue, tree))
    .filter((problem, _index, all) => !isExplained(problem, all));
}

/** What a foreign key stands for is not missing: the key is only to be named as it is here. */
function isExplained({ place, message }: ConfigProblem, all: readonly ConfigProblem[]): boolean {
  return (
    message === NO_TRANSPORT &&
    all.some((other) => {
      const of = other.place.slice(0, -1);
      const meant = foreignKey(of, String(other.place.at(-1)))?.standsFor ?? '';
      return isDeepStrictEqual(of, place) && ['command', 'url'].includes(meant);
    })
  );
}

function describeIssue(issue: core.$ZodIssue, tree: unknown): readonly ConfigProblem[] {
  const place = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const say = (message: string): readonly ConfigProblem[] => [{ place, message }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ place: [...place, key], message: unknownKey(place, key, tree) }));
    case 'invalid_type':
      return say(
        `expected ${KINDS[issue.expected] ?? issue.expected}, got ${shown(place, tree)}${otherShape(place, tree, issue.expected)}`,
      );
    case 'invalid_value':
      return say(`expected ${oneOf(issue.values)}, got ${shown(place, tree)}${nearestWord(place, tree, issue.values)}`);
    case 'too_small':
      // What the schema says itself knows more than the numbers do.
      if (!issue.message.startsWith('Too small')) return say(issue.message);
      return say(`${sizeWord(issue.origin)} is at least ${issue.minimum}, got ${size(place, tree)}`);
    case 'too_big':
      return say(`${sizeWord(issue.origin)} is at most ${issue.maximum}, got ${size(place, tree)}`);
    case 'invalid_key':
      if (place.at(-1) === '') return say('an empty text is no name');
      return say(`${issue.issues[0]?.message ?? 'this name cannot be used'}${suchAs(String(place.at(-1)))}`);
    case 'invalid_union':
      return issue.message === UNSAID_UNION ? describeUnion(issue, place, tree) : say(issue.message);
    case 'invalid_format':
      return say(
        issue.format === 'url' && issue.message === UNSAID_URL
          ? `expected an address such as https://example.com, got ${shownAddress(place, tree)}`
          : issue.message,
      );
    default:
      return say(issue.message);
  }
}

/** What is wrong within the form that was meant, where one of them fits the kind of the value; else which forms there are. */
function describeUnion(issue: core.$ZodIssueInvalidUnion, place: Place, tree: unknown): readonly ConfigProblem[] {
  const [meant] = issue.errors.filter(
    (form) => !form.some(({ code, path }) => KIND_ISSUES.has(code) && path.length === 0),
  );
  const below = (form: readonly core.$ZodIssue[]): readonly core.$ZodIssue[] =>
    form.map((each) => ({ ...each, path: [...place, ...each.path] }));
  if (meant !== undefined) return describeIssues(below(meant), tree);
  const forms = issue.errors.map(([first]) =>
    first?.code === 'invalid_type'
      ? (KINDS[first.expected] ?? first.expected)
      : first?.code === 'invalid_value'
        ? oneOf(first.values)
        : 'another form',
  );
  return [
    {
      place,
      message: `expected ${new Intl.ListFormat('en', { type: 'disjunction' }).format(new Set(forms))}, got ${shown(place, tree)}`,
    },
  ];
}

function unknownKey(place: Place, key: string, tree: unknown): string {
  const foreign = foreignKey(place, key);
  if (foreign) return `there is no such key; ${foreign.remedy}`;
  if (place.length === 0 && isServer(valueAt([key], tree)))
    return `this is a server; servers stand in "mcpServers": {${JSON.stringify(key)}: {...}}`;
  const known = knownKeys(place);
  const isClientsFile =
    place.length === 0 &&
    Object.keys(tree as object).some((key) => [key, foreignKey([], key)?.standsFor].includes('mcpServers'));
  const hint =
    isClientsFile && nearest(key, known) === undefined ? '; of a client\'s file only "mcpServers" is for here' : '';
  const meant = didYouMean(key, known);
  return `there is no such key${meant}${hint}${meant === '' ? ` (known: ${known.join(', ')})` : ''}`;
}

function isServer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('command' in value || 'url' in value);
}

/** So many keys are named where an object is expected; what has more is to be looked up. */
const FEW_KEYS = 6;

/** What is written otherwise here than some client writes it, or which keys the object has that should stand there. */
function otherShape(place: Place, tree: unknown, expected: string): string {
  const value = valueAt(place, tree);
  if (place.length === 1 && Array.isArray(value)) return '; each entry stands under its name: {"<name>": {...}}';
  if (expected === 'string' && ['number', 'boolean'].includes(typeof value))
    return isSecretPlace(place) ? '; put it in double quotes' : `; write ${JSON.stringify(String(value))}`;
  if (place.at(-1) === 'args' && typeof value === 'string' && value.length <= 60)
    return `; write ${JSON.stringify(value.split(/\s+/).filter(Boolean))}`;
  if (place.at(-1) !== 'command' || typeof value !== 'object') return expected === 'object' ? keysOf(place) : '';
  return Array.isArray(value)
    ? '; the first is "command", and the others are "args"'
    : '; its "path" is "command", and "args" and "env" stand beside that';
}

function keysOf(place: Place): string {
  const known = knownKeys(place);
  return known.length === 0 || known.length > FEW_KEYS ? '' : `; its keys: ${known.join(', ')}`;
}

function suchAs(name: string): string {
  const usable = usableName(name);
  return usable === '' ? '' : `, such as "${usable}"`;
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
    // Of several forms, the one that has keys, named or free: the others are lists and texts.
    node = node?.anyOf?.find(({ type }) => type === 'object') ?? node;
  }
  return Object.keys(node?.properties ?? {});
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function nearestWord(place: Place, tree: unknown, values: readonly unknown[]): string {
  const given = valueAt(place, tree);
  return typeof given === 'string'
    ? didYouMean(
        given,
        values.filter((value) => typeof value === 'string'),
      )
    : '';
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

/** Before an "@" there may be a password, wherever it was meant to begin. */
function shownAddress(place: Place, tree: unknown): string {
  return String(valueAt(place, tree)).includes('@') ? 'another text' : shown(place, tree);
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
