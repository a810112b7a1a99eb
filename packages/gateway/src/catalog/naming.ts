/** How names of several servers come into one list. */
export interface NamingOptions {
  /** `always` puts a prefix before each name, `auto` only where two servers have the same one, `never` leaves them. */
  readonly prefix: 'always' | 'auto' | 'never';
  readonly separator: string;
}

/** One name of one server. */
export interface Named<T> {
  /** As clients see it. */
  readonly name: string;
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
 * later ones get a number, in the order of the configuration.
 */
export function giveNames<T>(sources: readonly NamedSource<T>[], { prefix, separator }: NamingOptions): Named<T>[] {
  const owners = new Map<string, number>();
  for (const { items } of sources) {
    for (const ownName of new Set(items.map((entry) => entry.ownName)))
      owners.set(ownName, (owners.get(ownName) ?? 0) + 1);
  }
  const taken = new Set<string>();
  return sources.flatMap((source) =>
    source.items.map(({ ownName, item }) => {
      const prefixed = prefix === 'always' || (prefix === 'auto' && (owners.get(ownName) ?? 0) > 1);
      const wanted = prefixed && source.prefix !== '' ? source.prefix + separator + ownName : ownName;
      let name = wanted;
      for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
      taken.add(name);
      return { name, ownName, item };
    }),
  );
}
