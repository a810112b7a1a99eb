/** The configuration says `undefined` where a key is absent; the packages below want absence itself. */
export function withoutUndefined(options: object): object {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, isPlain(value) ? withoutUndefined(value) : value]),
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
