import { nameHash } from './portable-name.ts';

/** What is kept of a prefix that stands apart: its names are cut further behind. */
const KEPT_LENGTH = 40;

interface Namespace {
  readonly prefix: string;
  /** How all names in it begin. */
  readonly start: string;
}

/**
 * Whose a name is by how it begins: a prefix has all names that begin with it, whatever its source offers now, and of two prefixes the longer one. So no source
 * takes a name from another by what it offers.
 */
export class Namespaces {
  /** Those that decide first come first. */
  readonly #all: readonly Namespace[];

  /**
   * @param startOf - How names with a prefix begin. Of prefixes whose names begin alike, one that they begin with as it is written comes first, and then
   * the one that was named first.
   */
  constructor(prefixes: Iterable<string>, startOf: (prefix: string) => string) {
    const isAsWritten = ({ prefix, start }: Namespace): number => (start.startsWith(prefix) ? 1 : 0);
    this.#all = [...new Set(prefixes)]
      .filter((prefix) => prefix !== '')
      .map((prefix) => ({ prefix, start: startOf(prefix) }))
      .toSorted((one, other) => other.start.length - one.start.length || isAsWritten(other) - isAsWritten(one));
  }

  /** Whether a name of a source with this prefix lies where another's are. */
  isOthers(name: string, prefix: string): boolean {
    const owner = this.#all.find(({ start }) => name.startsWith(start));
    return owner !== undefined && owner.prefix !== prefix;
  }
}

/** A prefix for names that would lie among another's with their own: always the same, whatever other sources there are. */
export function prefixApart(prefix: string): string {
  return `${prefix.slice(0, KEPT_LENGTH)}_${nameHash(prefix)}`;
}
