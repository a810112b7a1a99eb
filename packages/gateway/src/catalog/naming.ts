import { portableName } from './portable-name.ts';

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
 * Gives each item the name that clients see. Where prefixes do not keep two apart either, the first keeps its name and the
 * later ones get a number, in the order of the configuration; a name that had to be made portable counts as later.
 */
export function giveNames<T>(sources: readonly NamedSource<T>[], options: NamingOptions): Named<T>[] {
  const { prefix, separator, portable = false } = options;
  const owners = new Map<string, number>();
  for (const { items } of sources) {
    for (const ownName of new Set(items.map((entry) => entry.ownName)))
      owners.set(ownName, (owners.get(ownName) ?? 0) + 1);
  }
  const fit = (name: string): string => (portable ? portableName(name, separator) : name);
  const wanted = sources.flatMap((source) =>
    source.items.map(({ ownName, item }) => {
      const prefixed = prefix === 'always' || (prefix === 'auto' && (owners.get(ownName) ?? 0) > 1);
      const whole = prefixed && source.prefix !== '' ? source.prefix + separator + ownName : ownName;
      const name = fit(whole);
      return { name, whole, ownName, item };
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
