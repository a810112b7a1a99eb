const patterns = new Map<string, RegExp>();
const MAX_PATTERNS = 10_000;

/** Expressions of RFC 6570 whose values may hold slashes. */
const SPANS_SLASHES = new Set(['+', '#', '/', '?', '&', ';']);

/** Whether an address can have come out of a URI template; good enough to find whose it is. Source: RFC 6570. */
export function templateMatches(template: string, uri: string): boolean {
  let pattern = patterns.get(template);
  if (!pattern) {
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    pattern = toPattern(template);
    patterns.set(template, pattern);
  }
  return pattern.test(uri);
}

function toPattern(template: string): RegExp {
  const source = template
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      if (!/^\{[^{}]*\}$/.test(part)) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const explodes = part.endsWith('*}') || SPANS_SLASHES.has(part.charAt(1));
      return explodes ? '.*' : '[^/]*';
    })
    .join('');
  return new RegExp(`^${source}$`, 'su');
}
