import type { Place } from './place.ts';
import type { ExpandedText } from './variables.ts';

/** What stands in the place of a secret wherever something is shown. */
export const MASK = '********';

const LOGIN_SECRETS: ReadonlySet<string> = new Set(['clientSecret', 'privateKey']);
/** Lists whose items are told as well. */
const OPEN_LISTS: ReadonlySet<string> = new Set(['storage', 'hosts']);

const OPEN_KEYS: ReadonlySet<string> = new Set(
  'path wasm keyFile dir logDir wasmCacheDir wasmGuardsDir cwd command cert clientCa listen publicUrl issuer audience clientId'.split(
    ' ',
  ),
);
/** Variables that every process has, and whose values stand in paths and messages everywhere. */
const OPEN_VARIABLES: ReadonlySet<string> = new Set(
  'HOME HOSTNAME LANG LOGNAME OLDPWD PATH PWD SHELL TEMP TERM TMP TMPDIR USER USERPROFILE'.split(' '),
);
/** A name of which a part says that what it names is secret. */
export const SECRET_WORD: RegExp =
  /(^|[_.-])(pass(word|phrase)?|secrets?|tokens?|api[_-]?key|key|auth(orization)?|credentials?|cookie|bearer)([_.-]|$)/i;

/** True for places whose values are secret whatever they hold: settings, variables and headers handed on, and keys. */
export function isSecretPlace(place: Place): boolean {
  const [section, , group] = place;
  if (section === 'plugins' && (group === 'settings' || group === 'env')) return place.length > 3;
  if (section === 'mcpServers' && group === 'auth') return LOGIN_SECRETS.has(String(place.at(-1)));
  if (section === 'mcpServers' && (group === 'env' || group === 'headers')) return place.length > 3;
  if (section !== 'gateway') return false;
  if (place[1] === 'vault' || place[1] === 'audit') return place[2] === 'key';
  if (place[1] === 'tracing' && place[2] === 'headers') return place.length > 3;
  if (place[1] === 'console') return place.at(-1) === 'clientSecret';
  return place[1] === 'auth' && (place.at(-1) === 'key' || place.at(-1) === 'hash');
}

/**
 * The parts of a value that must not be shown: the whole of it in a secret place; user and query of an address; and what
 * follows a word such as `--token` among a program's arguments.
 */
export function secretParts(value: string, place: Place, previous?: unknown): readonly string[] {
  if (isSecretPlace(place)) return [value, ...passwordOf(value), ...credentialsOf(value)];
  if (place.at(-2) === 'args') return [...secretArgument(value, previous), ...passwordOf(value)];
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return passwordOf(value);
  const url = new URL(value);
  return [...passwordOf(value), url.username, ...url.searchParams.values()].filter((part) => part !== '');
}

/** Of an address of any scheme, such as that of a database: as it is written, and as it is meant. */
function passwordOf(value: string): readonly string[] {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const { password } = new URL(value);
  if (password === '') return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    return [password];
  }
}

/** What follows the scheme in an Authorization header: programs speak of the token alone. */
function credentialsOf(value: string): readonly string[] {
  const [, credentials] = /^(?:Bearer|Basic|Token)\s+(\S+)$/i.exec(value) ?? [];
  return credentials === undefined ? [] : [credentials];
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
  expanded: readonly Pick<ExpandedText, 'place' | 'value' | 'variables'>[] = [],
): readonly string[] {
  const found = new Set<string>();
  for (const { place, value, variables } of expanded) {
    if (OPEN_KEYS.has(String(place.at(-1))) || OPEN_LISTS.has(String(place.at(-2)))) continue;
    const secret = [...variables].filter(([name]) => !OPEN_VARIABLES.has(name));
    // A path below the home is told by messages that say what is wrong with it.
    if (secret.length > 0) found.add(value);
    // Programs speak of the secret alone, not of the argument that brings it.
    for (const [, part] of secret) found.add(part);
  }
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
 * Masks secrets.
 *
 * @param isCut - Whether the text ends where something was cut off: then its end may be the beginning of a secret.
 */
export type Redact = (text: string, isCut?: boolean) => string;

/** How often a text may have been put into JSON, such as a log line in which a program quotes what it was answered. */
const JSON_DEPTH = 3;

/**
 * A function that replaces every secret in a text: plain, where JSON, an address or Base64 has another form of it, and each line of one that
 * has several. Strings below 6 characters are left alone.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = secrets.flatMap((secret) => [secret, ...secret.split(/[\r\n]+/)]).flatMap(formsOf);
  if (forms.length === 0) return (text) => text;
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const patterns = patternsOf(longestFirst);
  return (text, isCut = false) => {
    const masked = patterns.reduce<string>((rest, pattern) => rest.replaceAll(pattern, MASK), text);
    return isCut ? maskCut(masked, longestFirst) : masked;
  };
}

/** V8 refuses a regular expression of some 100,000 characters when it is first used. */
const MAX_PATTERN = 32_768;

/** One pattern for all but very long or very many forms, in their order. */
function patternsOf(forms: readonly string[]): readonly (string | RegExp)[] {
  const patterns: (string | RegExp)[] = [];
  let group: string[] = [];
  let length = 0;
  const close = (): void => {
    if (group.length > 0) patterns.push(new RegExp(group.join('|'), 'g'));
    group = [];
    length = 0;
  };
  for (const form of forms) {
    if (length + form.length > MAX_PATTERN) close();
    if (form.length > MAX_PATTERN) {
      patterns.push(form);
      continue;
    }
    group.push(form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    length += form.length;
  }
  close();
  return patterns;
}

function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST) return [];
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const forms = [secret, encodeURIComponent(secret.toWellFormed()), base64, bytes.toString('base64url')];
  let escaped = secret;
  let ascii = secret;
  for (let depth = 0; depth < JSON_DEPTH; depth++) {
    escaped = inJson(escaped);
    ascii = inJson(ascii).replace(
      /[\u0080-\uFFFF]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    forms.push(escaped, ascii);
  }
  return forms;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Masks what the end of a text has of a secret, where that is long enough to be one. */
function maskCut(text: string, forms: readonly string[]): string {
  let cut = text.length;
  for (const form of forms) {
    const seed = form.slice(0, SHORTEST);
    for (
      let at = text.indexOf(seed, Math.max(0, text.length - form.length));
      at !== -1 && at < cut;
      at = text.indexOf(seed, at + 1)
    ) {
      if (form.startsWith(text.slice(at))) cut = at;
    }
  }
  return cut === text.length ? text : text.slice(0, cut) + MASK;
}
