/** Longer addresses and templates match nothing: what is looked at must not cost a stranger's choice of time. */
const MAX_LENGTH = 16_384;

/** Templates that are kept taken apart. */
const MAX_KEPT = 10_000;

/** Expressions of RFC 6570 whose values may hold slashes. */
const SPANS_SLASHES = new Set(['+', '#', '/', '?', '&', ';']);

const SLASH = '/';

/** A part of a template: a text, or a place for a value, which may hold slashes or not. */
type Part = string | { readonly spansSlashes: boolean };

const kept = new Map<string, readonly Part[]>();

/**
 * Whether an address can have come out of a URI template; good enough to find whose it is. The time it takes grows with the
 * length of the address times the number of expressions, whatever both contain. Source: RFC 6570.
 */
export function templateMatches(template: string, uri: string): boolean {
  if (template.length > MAX_LENGTH || uri.length > MAX_LENGTH) return false;
  let reached = new Uint8Array(uri.length + 1);
  reached[0] = 1;
  for (const part of partsOf(template)) {
    reached = typeof part === 'string' ? afterText(uri, part, reached) : afterValue(uri, part.spansSlashes, reached);
  }
  return reached[uri.length] === 1;
}

/** What of every address that comes out of a template is known before it is filled in. */
export function fixedStart(template: string): string {
  return template.split('{', 1)[0] ?? '';
}

/** Whether all addresses that come out of a template have one scheme. */
export function hasScheme(template: string): boolean {
  return fixedStart(template).includes(':');
}

/** Places that are reached once a text has been passed. */
function afterText(uri: string, text: string, before: Uint8Array): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(before.length);
  for (let at = before.indexOf(1); at !== -1; at = before.indexOf(1, at + 1)) {
    if (uri.startsWith(text, at)) after[at + text.length] = 1;
  }
  return after;
}

/** Places that are reached once a value of any length has been passed. */
function afterValue(uri: string, spansSlashes: boolean, before: Uint8Array): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(before.length);
  let isInside = false;
  for (let at = 0; at < before.length; at++) {
    if (before[at] === 1) isInside = true;
    if (isInside) after[at] = 1;
    if (!spansSlashes && uri[at] === SLASH) isInside = false;
  }
  return after;
}

function partsOf(template: string): readonly Part[] {
  const known = kept.get(template);
  if (known) return known;
  const parts = template
    .split(/(\{[^{}]*\})/)
    .filter((text) => text !== '')
    .map((text): Part => {
      if (!text.startsWith('{') || !text.endsWith('}') || text.length < 2) return text;
      return { spansSlashes: text.endsWith('*}') || SPANS_SLASHES.has(text.charAt(1)) };
    });
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(template, parts);
  return parts;
}
