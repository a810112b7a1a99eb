/**
 * The texts that a claim of a token holds: a list, or one text with spaces between several, as scopes are written. A claim whose whole name is not there is
 * looked for in the objects that the dots of the name lead into.
 */
export function claimValues(payload: object, claim: string): readonly string[] {
  const found = claimOf(payload, claim);
  if (Array.isArray(found)) return found.filter((value) => typeof value === 'string');
  return typeof found === 'string' ? found.split(' ').filter((value) => value !== '') : [];
}

function claimOf(payload: object, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return Reflect.get(payload, claim);
  let found: unknown = payload;
  for (const key of claim.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}
