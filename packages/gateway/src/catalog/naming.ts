import { Namespaces, prefixApart } from './namespaces.ts';
import { portableName, portableStart } from './portable-name.ts';

/** How names of several servers come into one list. */
export interface NamingOptions {
  /** `always` puts a prefix before each name, `auto` only where two servers have the same one, `never` leaves them. */
  readonly prefix: 'always' | 'auto' | 'never';
  readonly separator: string;
  /** Whether tools get names that every client takes (see {@link portableName}). @default false */
  readonly portable?: boolean;
}

/** One name of one server. */
export interface Named<T> {
  /** As clients see it. */
  readonly name: string;
  /** What it would be if every client took every name. */
  readonly wholeName: string;
  /** As the server knows it. */
  readonly ownName: string;
  readonly item: T;
}

export interface NamedSource<T> {
  /** What stands before its names; an empty prefix stands before none. */
  readonly prefix: string;
  readonly items: readonly { readonly ownName: string; readonly item: T }[];
}

/**
 * Gives each item the name that clients see. A name that begins with the prefix of another source is that source's, whatever it offers: what would have one gets
 * its own prefix, or one that stands apart. Where prefixes do not keep two apart, the first keeps its name and the later ones get a number, in the order of the
 * configuration; a name that had to be made portable counts as later.
 */
export function giveNames<T>(sources: readonly NamedSource<T>[], options: NamingOptions): Named<T>[] {
  const { prefix: when, separator, portable = false } = options;
  const fit = (name: string): string => (portable ? portableName(name, separator) : name);
  const isOthers = when === 'never' ? () => false : namespacesOf(sources, options);
  const shared = when === 'auto' ? sharedNames(sources, fit) : new Set();
  const wholeName = (ownName: string, prefix: string): string => {
    const isPrefixed = when === 'always' || (when === 'auto' && shared.has(fit(ownName)));
    const wanted = isPrefixed ? prefixed(prefix, separator, ownName) : ownName;
    if (!isOthers(wanted, prefix)) return wanted;
    const own = prefixed(prefix, separator, ownName);
    return isOthers(own, prefix) ? prefixed(prefixApart(prefix), separator, ownName) : own;
  };
  const wanted = sources.flatMap(({ prefix, items }) =>
    items.map(({ ownName, item }) => {
      const whole = wholeName(ownName, prefix);
      return { name: fit(whole), whole, ownName, item };
    }),
  );
  const taken = new Set<string>();
  const given = new Map<(typeof wanted)[number], string>();
  /** Of each name that several want, the first number that may be free: a server may want one name twenty thousand times. */
  const next = new Map<string, number>();
  const isWhole = ({ name, whole }: (typeof wanted)[number]): boolean => name === whole;
  for (const entry of [...wanted.filter(isWhole), ...wanted.filter((entry) => !isWhole(entry))]) {
    let { name } = entry;
    if (taken.has(name)) {
      let number = next.get(entry.name) ?? 2;
      for (; taken.has(name); number++) name = fit(`${entry.name}_${number}`);
      next.set(entry.name, number);
    }
    taken.add(name);
    given.set(entry, name);
  }
  return wanted.map((entry) => {
    const { whole: wholeName, ownName, item } = entry;
    return { name: given.get(entry) ?? '', wholeName, ownName, item };
  });
}

/** What clients would know more than one thing by. */
function sharedNames(sources: readonly NamedSource<unknown>[], fit: (name: string) => string): ReadonlySet<string> {
  const names = sources.flatMap(({ items }) => [...new Set(items.map(({ ownName }) => ownName))].map(fit));
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}

/** Whether a whole name is another's as it is, or as every client takes it. */
function namespacesOf(
  sources: readonly NamedSource<unknown>[],
  { separator, portable = false }: NamingOptions,
): (whole: string, prefix: string) => boolean {
  const prefixes = sources.map(({ prefix }) => prefix);
  const written = new Namespaces(prefixes, (prefix) => prefix + separator);
  if (!portable) return (whole, prefix) => written.isOthers(whole, prefix);
  const fitting = new Namespaces(prefixes, (prefix) => portableStart(prefix + separator, separator));
  return (whole, prefix) => written.isOthers(whole, prefix) || fitting.isOthers(portableName(whole, separator), prefix);
}

function prefixed(prefix: string, separator: string, ownName: string): string {
  return prefix === '' ? ownName : prefix + separator + ownName;
}
