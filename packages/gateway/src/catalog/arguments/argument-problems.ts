import type { OutputUnit } from '@cfworker/json-schema';
import { nearest } from '../../config/nearest.ts';
import type { ObjectText } from '../../protocol/frame/object-text.ts';
import { isObject, type JsonObject } from '../../protocol/message.ts';
import { shortened } from '../../shortened.ts';
import { problemSentence } from './problem-sentence.ts';
import { schemaErrors } from './schema-errors.ts';
import { toldErrors } from './told-errors.ts';

/** Problems that are told at once; a model that has mended these is told of others. */
const MAX_TOLD = 5;

/** Parameters that are listed to a model that has got one wrong. */
const MAX_LISTED = 20;

/** Longest sentence about a problem, in characters. */
const MAX_PROBLEM = 500;

/** Longest line of parameters, in characters: names and words of an enumeration are as long as their server likes. */
const MAX_LINE = 2_000;

/** Arguments without a name in the schema that are looked at, and names that they are compared with altogether, but for the first five. */
const MAX_UNKNOWN = 100;
const MAX_COMPARED = 20_000;

/** Shortest name that may be a slip of another. */
const SHORTEST_SLIP = 4;

/** Shortest beginning of a name that is taken for the name. */
const SHORTEST_BEGINNING = 3;

/**
 * What is wrong with the arguments of a call by the tool's own schema, a sentence for each problem; empty where nothing is. Never holds a
 * value that was given.
 *
 * An argument that the schema does not name is a problem where the schema forbids it, or where it is nearly one that is missing: most servers pass over what
 * they do not know, and `dry` would be carried out where `dryRun` was meant.
 */
export function argumentProblems(tool: ObjectText, args: ObjectText): readonly string[] {
  const schema = tool.object('inputSchema');
  if (!schema) return [];
  const unknown = unknownArguments(schema, args);
  const told = toldErrors(schemaErrors(schema, args)).filter((error) => !(unknown.size > 0 && isOfName(error)));
  return [...new Set([...unknown.values(), ...told.map(problemSentence)])]
    .slice(0, MAX_TOLD)
    .map((problem) => shortened(problem, MAX_PROBLEM));
}

/** The parameters of a tool on one line, for a model that has got one wrong. */
export function parametersLine(tool: ObjectText): string {
  const schema = tool.value('inputSchema') as JsonObject | undefined;
  const properties = isObject(schema?.properties) ? Object.entries(schema.properties) : [];
  if (properties.length === 0) return 'It takes no arguments.';
  const required = new Set(Array.isArray(schema?.required) ? schema.required : []);
  const listed = properties
    .sort(([one], [other]) => Number(required.has(other)) - Number(required.has(one)))
    .slice(0, MAX_LISTED)
    .map(([name, property]) => [name, kindOf(property), required.has(name) ? 'required' : ''])
    .map(([name, ...more]) => [name, ...more.filter((word) => word !== '')])
    .map(([name, ...more]) => (more.length > 0 ? `${name} (${more.join(', ')})` : name));
  const rest = properties.length > MAX_LISTED ? ', ...' : '';
  return `Its arguments: ${shortened(listed.join(', '), MAX_LINE)}${rest}.`;
}

/** By name, the sentence about it. */
function unknownArguments(schema: ObjectText, args: ObjectText): ReadonlyMap<string, string> {
  const known = [...(schema.object('properties')?.keys() ?? [])];
  const missing = known.filter((name) => !args.has(name));
  const isClosed = schema.value('additionalProperties') === false && !schema.has('patternProperties');
  const named = new Set(known);
  const looked = Math.max(MAX_TOLD, Math.min(MAX_UNKNOWN, Math.floor(MAX_COMPARED / (missing.length + 1))));
  const unknown = [...args.keys()].filter((name) => !named.has(name)).slice(0, looked);
  return new Map(
    unknown.flatMap((name) => {
      const near = nearArgument(name, missing);
      if (near === undefined && !isClosed) return [];
      return [[name, `unknown argument "${shortened(name)}"${near === undefined ? '' : `, did you mean "${near}"?`}`]];
    }),
  );
}

/** The one that was probably meant: spelt in another way, nearly the same, or cut short. */
function nearArgument(given: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  const asked = plain(given);
  const isLike = (name: string): boolean => {
    const other = plain(name);
    if (Math.min(asked.length, other.length) < SHORTEST_BEGINNING) return asked === other;
    return other.startsWith(asked) || asked.startsWith(other);
  };
  // Of few letters nearly all are near: "b" is no slip for "a".
  const near = given.length < SHORTEST_SLIP ? undefined : nearest(given, known);
  return near ?? known.find(isLike);
}

/** Whether it is about an argument that the schema does not name, which was said already. */
function isOfName({ keyword, instanceLocation }: OutputUnit): boolean {
  return (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') && instanceLocation === '#';
}

function kindOf(property: unknown): string {
  if (!isObject(property)) return '';
  const { type, enum: words, const: only } = property;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(words) && words.length <= 8) return words.map((word) => JSON.stringify(word)).join('|');
  if (typeof type === 'string') return type;
  return Array.isArray(type) ? type.join('|') : '';
}
