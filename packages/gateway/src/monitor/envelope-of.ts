/** What lists are surrounded by that says nothing of anything but the list. Source: DIFC.md, "A filtered result keeps its envelope". */
const KNOWN: Readonly<Record<string, 'number' | 'boolean' | 'string'>> = {
  total: 'number',
  total_count: 'number',
  totalCount: 'number',
  count: 'number',
  has_more: 'boolean',
  hasMore: 'boolean',
  incomplete_results: 'boolean',
  next: 'string',
  cursor: 'string',
  next_cursor: 'string',
  nextCursor: 'string',
};

/**
 * A payload with the collection at this place, and of what surrounds it counts and cursors alone; the very payload where nothing else does. Undefined
 * where that cannot be cut, because other elements of a list are around it.
 */
export function envelopeOf(payload: unknown, [token, ...tokens]: readonly string[]): unknown {
  if (token === undefined || typeof payload !== 'object' || payload === null) return payload;
  if (Array.isArray(payload) && payload.length > 1) return undefined;
  const whole = Object.entries(payload);
  const kept = whole.filter(([key, value]) => key === token || isKnown(key, value));
  const [inner] = kept.filter(([key]) => key === token).map(([, value]) => ({ value, cut: envelopeOf(value, tokens) }));
  if (!inner || inner.cut === undefined) return undefined;
  if (inner.cut === inner.value && kept.length === whole.length) return payload;
  const cut = kept.map(([key, value]): [string, unknown] => [key, key === token ? inner.cut : value]);
  return Array.isArray(payload) ? cut.map(([, value]) => value) : Object.fromEntries(cut);
}

function isKnown(key: string, value: unknown): boolean {
  return Object.hasOwn(KNOWN, key) && (value === null || typeof value === KNOWN[key]);
}
