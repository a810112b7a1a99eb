/** Beginnings of keys that services give out. Sources: their own documentation, and that of GitHub's secret scanning. */
const PREFIXES =
  'gh[oprsu]_|github_pat_|glpat-|sk-|sk_|pk_|rk_|xox[abeoprs]-|xapp-|AKIA|ASIA|AIza|ya29\\.|eyJ[\\w-]+\\.eyJ|npm_|hf_|ntn_|secret_|lin_api_|figd_|dop_v1_|shpat_|SG\\.|pat[A-Za-z0-9]{14}\\.|tvly-|BSA[A-Za-z0-9_-]{20,}';

const KNOWN = new RegExp(`^(?:${PREFIXES}|-----BEGIN)`);

/** A word in a text that begins as keys of a service do, and goes on as no word of a language does. */
export const KNOWN_WORD: RegExp = new RegExp(`(?<![\\w-])(?:${PREFIXES})(?=[\\w.~+/=-]*\\d)[\\w.~+/=-]{8,}`, 'g');

/** Whether a text begins as the keys do that services give out. */
export function isKnownKey(value: string): boolean {
  return KNOWN.test(value);
}

/** A long word of letters of both kinds and digits, or of hexadecimal digits, is none that people think of. */
export function looksRandom(value: string): boolean {
  if (/^[\da-f]{32,}$/i.test(value)) return /\d/.test(value) && /[a-f]/i.test(value);
  return (
    /^[\w+/=.~-]{24,}$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    (value.match(/\d/g) ?? []).length >= 3
  );
}
