/**
 * The roles of a token, by what its claim holds.
 *
 * @param values - Value of the claim → names of roles; their order is that of the answer, so that equal roles are written in one way.
 */
export function rolesOfValues(
  held: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const opened = Object.entries(values).filter(([value]) => held.includes(value));
  return [...new Set(opened.flatMap(([, names]) => names))];
}
