import type { ConfigProblem } from './config-error.ts';
import { foreignVariable } from './foreign-keys.ts';
import type { Place } from './place.ts';

export interface Expansion {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Every string that held a variable, and what it became. */
  readonly expanded: readonly ExpandedText[];
}

export interface ExpandedText {
  readonly place: Place;
  readonly raw: string;
  readonly value: string;
  /** What variables of the environment put into it, by their names. */
  readonly variables: readonly (readonly [name: string, value: string])[];
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
/** Written in braces after a dollar sign: where the file lies. No secret, and no name that an environment could have. */
const FOLDER = 'config:folder';
const NAME = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts the values of `${NAME}`, `${env:NAME}` and `${NAME:-otherwise}` into every string of a tree; `$${` stands for a
 * plain `${`, `${config:folder}` for the given folder. A variable that is not defined is a problem that names the variable and the place. Keys stay
 * as they are.
 */
export function expandVariables(
  tree: unknown,
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): Expansion {
  const problems: ConfigProblem[] = [];
  const expanded: ExpandedText[] = [];

  const expandText = (raw: string, place: Place): string => {
    let referred = false;
    const used: [string, string][] = [];
    const value = raw.replace(REFERENCE, (reference, inner: string | undefined) => {
      if (inner === undefined) return '${';
      if (inner === FOLDER && reference.endsWith('}')) return folder;
      const [, name, otherwise] = NAME.exec(inner) ?? [];
      const foreign =
        reference.endsWith('}') && variables[name ?? ''] === undefined ? foreignVariable(inner) : undefined;
      if (foreign !== undefined) {
        problems.push({ place, message: `\${${inner}} is filled in by a client; ${foreign}` });
        return reference;
      }
      if (name === undefined || !reference.endsWith('}')) {
        problems.push({
          place,
          message: `cannot read the variable "${reference}"; write \${NAME}, \${NAME:-otherwise}, or $\${ for a plain \${`,
        });
        return reference;
      }
      referred = true;
      const given = variables[name];
      if (given !== undefined) used.push([name, given]);
      const found = given ?? otherwise;
      if (found === undefined) {
        problems.push({
          place,
          message: `the variable "${name}" is not defined; set it in the environment or in the --env file ("lockgate init --secrets <file>" makes one), or write \${${name}:-otherwise}`,
        });
      }
      return found ?? reference;
    });
    if (referred) expanded.push({ place, raw, value, variables: used });
    return value;
  };

  const walk = (node: unknown, place: Place): unknown => {
    if (typeof node === 'string') return expandText(node, place);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...place, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...place, key])]));
  };

  return { value: walk(tree, []), problems, expanded };
}
