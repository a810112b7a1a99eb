import type { ConfigurationProblem } from '../console/api.ts';

/** A problem of a configuration in one line: where, what it is about, what is wrong. */
export function formatProblem({ place, message, line, column, source }: ConfigurationProblem): string {
  const where = [source, line, column].filter((part) => part !== undefined).join(':');
  return [where, place, message].filter((part) => part !== '').join(': ');
}
