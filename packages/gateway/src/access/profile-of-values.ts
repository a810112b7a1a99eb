/**
 * The profile that limits a token, by what its claim holds.
 *
 * @param values - Value of the claim → name of a profile; the first of them that the claim holds counts.
 */
export function profileOfValues(held: readonly string[], values: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(values).find(([value]) => held.includes(value))?.[1];
}
