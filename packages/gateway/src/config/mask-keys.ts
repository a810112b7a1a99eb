import { KNOWN_WORD, looksRandom } from './key-shapes.ts';
import { MASK, type Redact } from './secrets.ts';

/** A word that names a secret, in whatever spelling: `OPENAI_API_KEY`, `accessToken`, `--password`, `Authorization`. */
const NAME =
  '[\\w.-]{0,64}(?:pass(?:word|phrase|wd)?|secret|token|api[_-]?key|key|auth(?:orization)?|credential|cookie|bearer|basic)s?';

/** What stands between a name and its value in assignments, headers, JSON and JSON in JSON. */
const BETWEEN = '\\\\*["\']?\\s{0,4}(?:=>|[:=])\\s{0,4}\\\\*["\']?';

const ASSIGNED = new RegExp(`(${NAME}${BETWEEN})([^\\s"'\\\\,;&<>()[\\]{}]{8,})`, 'gi');
const AFTER_FLAG = new RegExp(`(?<=(?:^|\\s))(-{1,2}${NAME}\\s+)([^\\s"'\\\\,;-][^\\s"'\\\\,;]{7,})`, 'gi');
/** A scheme of an Authorization header and what follows it. */
const AFTER_SCHEME = /\b((?:Bearer|Basic|Token)\s+)([\w.~+/=-]{8,})/gi;
const AFTER_WORD = new RegExp(`\\b(${NAME}\\s+(?:is\\s+|was\\s+|of\\s+)?["'(]?)([\\w.~+/=-]{16,})`, 'gi');
const IN_ADDRESS = /([a-z][a-z\d+.-]*:\/\/[^\s/?#@:]{0,256}:)([^\s/?#@]{1,256})(@)/gi;
/** A line of a key in PEM. */
const PEM_LINE = /^[A-Za-z0-9+/]{64}$/gm;

/**
 * Takes out of a text what looks like a key though nobody knows it: words that begin as those of services do, random words after a name such as
 * `token`, and passwords of addresses. Ordinary words stay: `token: undefined` says what is wrong.
 */
export function maskKeys(text: string): string {
  const unlessOrdinary = (_all: string, before: string, value: string): string =>
    before + (isOrdinary(value) ? value : MASK);
  return text
    .replace(IN_ADDRESS, `$1${MASK}$3`)
    .replace(KNOWN_WORD, MASK)
    .replace(ASSIGNED, unlessOrdinary)
    .replace(AFTER_FLAG, unlessOrdinary)
    .replace(AFTER_SCHEME, unlessOrdinary)
    .replace(AFTER_WORD, unlessOrdinary)
    .replace(PEM_LINE, (line) => (looksRandom(line) ? MASK : line));
}

/** A mask that takes out secrets that are known, and what looks like one. */
export function maskingKeys(redact: Redact): Redact {
  return (text, isCut) => maskKeys(redact(text, isCut));
}

/** A word, a number, a path, an address, a version or a variable: what no key looks like. */
function isOrdinary(value: string): boolean {
  if (/^(?:~|\.{0,2})\/|^[A-Za-z]:\\|^[a-z][a-z\d+.-]*:\/\/|^\$|^%\w+%/i.test(value)) return true;
  return !/\d/.test(value) || !/[A-Za-z]/.test(value) || /^v?\d+(?:\.\d+)+/.test(value);
}
