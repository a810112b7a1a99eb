import type { OutputUnit } from '@cfworker/json-schema';

/** Keywords that set a bound, and how it is told: their errors would tell what was given, or tell it badly. */
const BOUNDS: Readonly<Record<string, string>> = {
  minimum: 'at least #',
  maximum: 'at most #',
  exclusiveMinimum: 'more than #',
  exclusiveMaximum: 'less than #',
  multipleOf: 'a multiple of #',
  minLength: 'a length of at least #',
  maxLength: 'a length of at most #',
  minItems: 'a length of at least #',
  maxItems: 'a length of at most #',
  minProperties: 'at least # properties',
  maxProperties: 'at most # properties',
};

/** The last number of an error is its bound. */
const BOUND = /(-?[\d.]+(?:e[+-]?\d+)?)(?: properties|\))?\.$/;

/** An error of a JSON Schema, as it is told to a model. Never holds a value that was given. */
export function problemSentence({ error, keyword, instanceLocation }: OutputUnit): string {
  const place = instanceLocation.replace(/^#\/?/, '').replaceAll('~1', '/').replaceAll('~0', '~');
  if (keyword === 'false') return `${place === '' ? 'this' : `"${place}"`} is not allowed here`;
  const bound = BOUNDS[keyword];
  const what = bound === undefined ? reworded(error) : `expected ${bound.replace('#', BOUND.exec(error)?.[1] ?? '?')}`;
  if (place === '') return what;
  return keyword === 'required' ? `in "${place}", ${what}` : `"${place}": ${what}`;
}

function reworded(error: string): string {
  return error
    .replace(/^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/, (_, given: string, expected: string) => {
      return `is of type ${given}, expected ${expected.replaceAll('", "', ' or ')}`;
    })
    .replace(/^Instance does not have required property "(.*)"\.$/, '"$1" is missing')
    .replace(/^Instance does not match any of (.*)\.$/, 'expected one of $1')
    .replace(/^Instance has "(.*)" but does not have "(.*)"\.$/, '"$2" is missing, which "$1" needs')
    .replace(/^Property "(.*)" does not match (?:additional|unevaluated) properties schema\.$/, 'unknown property "$1"')
    .replace(/^Instance does not match any subschemas\.$/, 'fits none of the forms it may have')
    .replace(/^Instance /, '')
    .replace(/\.$/, '');
}
