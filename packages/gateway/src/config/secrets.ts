import type { Place } from './place.ts';

/** What stands in the place of a secret wherever something is shown. */
export const MASK = '********';

const OPEN_KEYS: ReadonlySet<string> = new Set(
  'path logDir wasmCacheDir wasmGuardsDir cwd command cert clientCa listen publicUrl issuer audience'.split(' '),
);
const SECRET_WORD =
  /(^|[_.-])(pass(word|phrase)?|secrets?|tokens?|api[_-]?key|key|auth(orization)?|credentials?|cookie|bearer)([_.-]|$)/i;

/** True for places whose values are secret whatever they hold: settings, variables and headers handed on, and keys. */
export function isSecretPlace(place: Place): boolean {
  const [section, , group] = place;
  if (section === 'plugins' && group === 'settings') return place.length > 3;
  if (section === 'mcpServers' && (group === 'env' || group === 'headers')) return place.length > 3;
  if (section !== 'gateway') return false;
  if (place[1] === 'tracing' && place[2] === 'headers') return place.length > 3;
  return place[1] === 'auth' && (place.at(-1) === 'key' || place.at(-1) === 'hash');
}

/**
 * The parts of a value that must not be shown: the whole of it in a secret place; user and query of an address; and what
 * follows a word such as `--token` among a program's arguments.
 */
export function secretParts(value: string, place: Place, previous?: unknown): readonly string[] {
  if (isSecretPlace(place)) return [value];
  if (place.at(-2) === 'args') return secretArgument(value, previous);
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return [];
  const url = new URL(value);
  return [url.password, url.username, ...url.searchParams.values()].filter((part) => part !== '');
}

function secretArgument(value: string, previous: unknown): readonly string[] {
  const [, name = '', rest] = /^-{0,2}([\w.-]+)=(.+)$/s.exec(value) ?? [];
  if (rest !== undefined && SECRET_WORD.test(name)) return [rest];
  const named = typeof previous === 'string' && /^-/.test(previous) && SECRET_WORD.test(previous);
  return named && !value.startsWith('-') ? [value] : [];
}

/**
 * Every secret of a configuration tree, and every value that came from a variable, except where it names a path or
 * something else that the gateway itself needs in the open.
 */
export function collectSecrets(
  tree: unknown,
  expanded: readonly { readonly place: Place; readonly value: string }[] = [],
): readonly string[] {
  const found = new Set(expanded.filter(({ place }) => !OPEN_KEYS.has(String(place.at(-1)))).map(({ value }) => value));
  const walk = (node: unknown, place: Place, previous?: unknown): void => {
    if (typeof node === 'string') for (const part of secretParts(node, place, previous)) found.add(part);
    else if (Array.isArray(node))
      node.forEach((item, index) => {
        walk(item, [...place, index], node[index - 1]);
      });
    else if (typeof node === 'object' && node !== null)
      for (const [key, item] of Object.entries(node)) walk(item, [...place, key]);
  };
  walk(tree, []);
  return [...found];
}

/** Shorter strings would blot out ordinary words; a secret of so few characters protects nothing anyhow. */
const SHORTEST = 6;

/**
 * A function that replaces every secret in a text, also where JSON or an address has escaped it.
 * Strings below 6 characters are left alone.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  if (forms.length === 0) return (text) => text;
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, MASK);
}
