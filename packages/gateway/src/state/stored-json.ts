/**
 * A value as text. What goes in as text and comes out of text is nobody's shared object.
 *
 * @throws TypeError for what JSON has no words for.
 */
export function toStoredJson(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`Expected a JSON value to store, got ${typeof value}.`);
  return json;
}

/** @throws TypeError where this is no time to live: milliseconds, a whole number above 0. */
export function mustBeTtl(ttlMs: number): void {
  if (Number.isSafeInteger(ttlMs) && ttlMs > 0) return;
  throw new TypeError(`Expected "ttlMs" to be a whole number of milliseconds above 0, got ${String(ttlMs)}.`);
}
