import { formatPlace, type Place } from './place.ts';
import type { ResolvedConfig, Source } from './resolve.ts';
import { createRedactor, isSecretPlace, MASK, secretParts } from './secrets.ts';

/** One value of a configuration and where it came from. Secrets are masked. */
export interface ExplainedValue {
  readonly place: string;
  /** JSON; a value that came from variables of the file is shown with them, not with what they hold. */
  readonly value: string;
  readonly source: string;
}

/** Lists every value that holds, defaults included, in the order of the configuration. */
export function explainConfig({ config, sources, secrets }: ResolvedConfig): readonly ExplainedValue[] {
  const rows: ExplainedValue[] = [];
  const redact = createRedactor(secrets);

  const show = (value: unknown, place: Place, source: Source, previous: unknown): string => {
    if (source.from === 'file' && source.raw !== undefined) return JSON.stringify(maskAround(source.raw, place));
    if (typeof value !== 'string') return JSON.stringify(value);
    const masked = secretParts(value, place, previous).reduce((text, part) => text.replaceAll(part, MASK), value);
    return redact(JSON.stringify(masked));
  };

  const walk = (node: unknown, place: Place, previous?: unknown): void => {
    if (node === undefined) return;
    const children = typeof node === 'object' && node !== null ? Object.entries(node) : [];
    for (const [index, [key, child]] of children.entries()) {
      walk(child, [...place, Array.isArray(node) ? index : key], Array.isArray(node) ? node[index - 1] : undefined);
    }
    if (children.length > 0) return;
    const name = formatPlace(place);
    const source = sources.get(name) ?? { from: 'default' };
    rows.push({ place: name, value: show(node, place, source, previous), source: describeSource(source) });
  };
  walk(config, []);
  return rows;
}

function describeSource(source: Source): string {
  switch (source.from) {
    case 'flag':
      return `flag ${source.name}`;
    case 'environment':
      return `environment ${source.name}`;
    case 'env file':
      return `env file ${source.name}`;
    case 'file':
      return 'file';
    case 'default':
      return 'default';
    default: {
      const unknown: never = source;
      throw new TypeError(String(unknown));
    }
  }
}

/** In a secret place the text around a variable, and its value for when it is undefined, are secret as well. */
function maskAround(raw: string, place: Place): string {
  if (!isSecretPlace(place) && place.at(-1) === 'url') return maskAddress(raw);
  if (!isSecretPlace(place) && place.at(-2) !== 'args') return raw;
  const references = [...raw.matchAll(/\$\{([^}]*?)(:-[^}]*)?\}/g)];
  const shown = references.map(([, name, otherwise]) => `\${${name}${otherwise === undefined ? '' : `:-${MASK}`}}`);
  const literal = raw.replace(/\$\{[^}]*\}/g, '');
  return literal === '' ? shown.join('') : `${shown.join(' ')} and ${MASK}`;
}

/** An address with what is secret of it masked: user, password, and the values of its query, where they are not plain variables. */
function maskAddress(raw: string): string {
  const part = (text: string): string =>
    text.replace(
      /\$\{([^}]*?)(:-[^}]*)?\}|[^$]+|\$/g,
      (all, name: string | undefined, otherwise: string | undefined) =>
        name === undefined ? MASK : otherwise === undefined ? all : `\${${name}:-${MASK}}`,
    );
  const [, scheme = '', user, rest = ''] =
    /^([a-z][a-z\d+.-]*:\/\/)?(?:((?:\$\{[^}]*\}|[^/?#@])*)@)?(.*)$/is.exec(raw) ?? [];
  const owner = user === undefined ? '' : `${user.split(':').map(part).join(':')}@`;
  const [before = '', ...query] = rest.split('?');
  const values = query.join('?').replace(/=((?:\$\{[^}]*\}|[^&#])+)/g, (_all, value: string) => `=${part(value)}`);
  // What holds where a variable is not set may have a password of its own.
  const path = before.replace(/\$\{([^}]*?):-[^}]*\}/g, `\${$1:-${MASK}}`);
  return `${scheme}${owner}${path}${query.length > 0 ? `?${values}` : ''}`;
}
