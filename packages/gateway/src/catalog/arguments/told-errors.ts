import type { OutputUnit } from '@cfworker/json-schema';

/** Keywords whose errors only say that something inside is wrong, which has an error of its own. */
const OUTER: ReadonlySet<string> = new Set([
  ...['$ref', '$recursiveRef', 'properties', 'patternProperties', 'propertyNames', 'dependentSchemas'],
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'allOf', 'if'],
]);

/** Keywords that name what a schema of `false` inside them forbids. */
const EXTRA: ReadonlySet<string> = new Set(['additionalProperties', 'unevaluatedProperties']);

/** Keywords of forms, of which one may be `false`. */
const CHOICE: ReadonlySet<string> = new Set(['anyOf', 'oneOf']);

/** A keyword that lists the forms a value may have, and what is inside one of them. */
const FORMS = /^(.*?\/(?:anyOf|oneOf))(?:\/|$)/;

/** Source: JSON Schema 2020-12 validation, 6.1.1. */
const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/**
 * Of all that a schema says, what is worth telling: neither what only follows from another error, nor what nobody can tell but the
 * server. Where errors stand next to each other, the outer one comes first.
 */
export function toldErrors(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  const placed = errors.map((error, index) => (error.keyword === 'false' ? beside(error, errors[index - 1]) : error));
  // A form that such an error keeps the arguments from may be the one they have.
  const unsure = placed.filter(isUnsure).map(({ keywordLocation }) => keywordLocation);
  return placed.filter((error, index) => {
    if (OUTER.has(error.keyword) || isUnsure(error) || isOfForms(error, unsure)) return false;
    if (error.keyword === 'dependencies') return error.error.includes('does not have');
    if (error.keyword === 'false') return !isSaidBy(errors[index - 1]);
    return !EXTRA.has(error.keyword) || (errors[index + 1]?.keyword === 'false' && !isConsequence(error, errors));
  });
}

/** A schema of `false` has an address that is none: that of what it is about. */
function beside(error: OutputUnit, outer: OutputUnit | undefined): OutputUnit {
  return { ...error, keywordLocation: `${outer?.keywordLocation ?? '#'}/false` };
}

function isSaidBy(outer: OutputUnit | undefined): boolean {
  return outer !== undefined && (EXTRA.has(outer.keyword) || CHOICE.has(outer.keyword));
}

/**
 * An error by a format, an annotation in today's dialect, and servers differ in what they take for a date; by a type that JSON Schema does not
 * know, as "any" or "float"; by a bound that is no number, as draft-04 has it.
 */
function isUnsure({ keyword, error }: OutputUnit): boolean {
  if (keyword === 'format') return true;
  if (keyword.startsWith('exclusive')) return / (?:true|false)\.$/.test(error);
  if (keyword !== 'type') return false;
  const [, ...expected] = [...error.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
  return expected.some((type) => !TYPES.has(type));
}

/** Whether an error is about forms of which one has an error at one of these places as well. */
function isOfForms({ keywordLocation }: OutputUnit, places: readonly string[]): boolean {
  const forms = FORMS.exec(keywordLocation)?.[1];
  return forms !== undefined && places.some((place) => place.startsWith(`${forms}/`));
}

/** Whether a property counts as unknown only because something in it is wrong. */
function isConsequence({ keyword, error, instanceLocation }: OutputUnit, errors: readonly OutputUnit[]): boolean {
  if (keyword !== 'unevaluatedProperties') return false;
  const name = /^Property "(.*)" does not match/.exec(error)?.[1] ?? '';
  const place = `${instanceLocation}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return errors.some(
    (other) =>
      other.instanceLocation.startsWith(`${place}/`) || (other.instanceLocation === place && other.keyword !== 'false'),
  );
}
