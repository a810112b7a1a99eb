import { isKnownKey, looksRandom } from '../config/key-shapes.ts';
import { SECRET_WORD } from '../config/secrets.ts';
import type { Section } from './client.ts';
import { isTree, mapTexts, type Tree } from './tree.ts';
import { variableName } from './variable-syntax.ts';

/** Gives a secret a variable, and returns its name. */
export type NameSecret = (value: string, wanted: readonly string[], place: string) => string;

/** An entry with every secret that is written out in it replaced by a variable. */
export function hoistSecrets(section: Section, name: string, entry: Tree, nameSecret: NameSecret): Tree {
  const server = variableName(name, 'SERVER');
  const group = section === 'plugins' ? 'settings' : 'env';
  const result: Record<string, unknown> = { ...entry };
  if (isTree(entry[group])) {
    result[group] = mapEntries(entry[group], (key, value) => {
      if (!isSecret(key, value)) return value;
      const own = variableName(key, 'SECRET');
      const wanted =
        section === 'plugins' || NAMES_NOTHING.test(own) || READ_BY_OTHERS.test(own)
          ? [ofServer(server, own)]
          : [own, `${server}_${own}`];
      return `\${${nameSecret(value, wanted, `${group}.${key}`)}}`;
    });
  }
  if (isTree(entry.headers)) {
    result.headers = mapEntries(entry.headers, (key, value) => {
      const [, scheme = '', secret = ''] = /^(\w+\s+)?(.*)$/s.exec(value) ?? [];
      if (!isSecret(key, secret) || isPlainHeader(key)) return value;
      const own = /^authorization$/i.test(key) ? 'TOKEN' : variableName(key, 'HEADER');
      return `${scheme}\${${nameSecret(secret, [ofServer(server, own)], `headers.${key}`)}}`;
    });
  }
  if (Array.isArray(entry.args)) {
    const args: readonly unknown[] = entry.args;
    result.args = args.map((value, index) =>
      typeof value === 'string' ? hoistArgument(value, args[index - 1], index, server, nameSecret) : value,
    );
  }
  if (typeof entry.url === 'string') result.url = hoistAddress(entry.url, 'url', server, nameSecret);
  return result;
}

/** Names that say nothing of what they open. */
const NAMES_NOTHING = /^((API|ACCESS|AUTH|BEARER|SECRET)_?)?(KEY|TOKEN|SECRET|PASSWORD)$/;

/** Names that every program reads, the gateway among them: set for one server, they would hold for all. */
const READ_BY_OTHERS = /^((HTTPS?|ALL|FTP|NO)_PROXY|(NPM_CONFIG|PIP|UV|MCP_GATEWAY)_.+)$/;

/** A name of this server alone, which some say themselves: `--figma-api-key` of `figma`. */
function ofServer(server: string, own: string): string {
  return own.startsWith(`${server}_`) ? own : `${server}_${own}`;
}

function mapEntries(tree: Tree, change: (key: string, value: string) => string): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, typeof value === 'string' ? change(key, value) : value]),
  );
}

function hoistArgument(
  value: string,
  previous: unknown,
  index: number,
  server: string,
  nameSecret: NameSecret,
): string {
  const place = `args[${index}]`;
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(value)) return hoistAddress(value, place, server, nameSecret);
  const [, before = '', key = '', rest = ''] = /^((?:--?)?([\w.-]+)[=:]\s*)(.+)$/s.exec(value) ?? [];
  if (key !== '' && isSecret(key, rest))
    return `${before}\${${nameSecret(rest, [ofServer(server, variableName(key, 'SECRET'))], place)}}`;
  const flag = typeof previous === 'string' && /^--?[\w.-]+$/.test(previous) ? previous : '';
  if (!value.startsWith('-') && isSecret(flag, value))
    return `\${${nameSecret(value, [ofServer(server, variableName(flag, 'SECRET'))], place)}}`;
  return value;
}

/** The password and what secret parameters hold, in a text that is an address. */
function hoistAddress(value: string, place: string, server: string, nameSecret: NameSecret): string {
  if (hasVariable(value)) return value;
  return value
    .replace(
      /^([a-z][a-z\d+.-]*:\/\/[^/?#@:]*:)([^/?#@]+)(@)/i,
      (_all, before: string, secret: string, after: string) => {
        return `${before}\${${nameSecret(secret, [`${server}_PASSWORD`], place)}}${after}`;
      },
    )
    .replace(/([?&])([\w.-]+)=([^&#]+)/g, (all, mark: string, key: string, secret: string) => {
      if (!isSecret(key, secret)) return all;
      return `${mark}${key}=\${${nameSecret(secret, [ofServer(server, variableName(key, 'SECRET'))], place)}}`;
    });
}

function hasVariable(value: string): boolean {
  return /(^|[^$])\$\{/.test(value);
}

function isPlainHeader(name: string): boolean {
  return /^(accept|content-type|user-agent|origin|referer)$/i.test(name);
}

/** Addresses as those of databases are. */
const HAS_PASSWORD = /^[a-z][a-z\d+.-]*:\/\/[^/?#@:]*:[^/?#@]+@|[?&](api_?key|key|token|secret|password|sig)=[^&#]+/i;

/** `PGPASSWORD`, `GHTOKEN`. */
const SECRET_END = /(password|passwd|passphrase|secret|token|apikey)s?$/i;

/** Whether a text that stands under a key is a secret. */
function isSecret(key: string, value: string): boolean {
  if (value === '' || hasVariable(value)) return false;
  if (isKnownKey(value)) return true;
  if (/^(true|false|yes|no|on|off|none|null|\d{1,6}|\d+(\.\d+)?(ms|s|m|h)?)$/i.test(value)) return false;
  if (HAS_PASSWORD.test(value)) return true;
  if (/^(~|\.{0,2})[/\\]|^[A-Za-z]:\\|^@?[a-z]+:\/\/[^@?]*$/.test(value)) return false;
  if (SECRET_WORD.test(key.replace(/([a-z])([A-Z])/g, '$1_$2')) || SECRET_END.test(key)) return true;
  return looksRandom(value);
}

/** An entry as it would be compared with another: variables stand for anything. */
export function withoutVariableNames(entry: unknown): unknown {
  return mapTexts(entry, (text) => text.replace(/\$\{[A-Za-z_][^}]*\}/g, '$NAME'));
}
