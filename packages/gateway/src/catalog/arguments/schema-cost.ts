import { isObject } from '../../protocol/message.ts';

/** Parts of a schema, references followed, above which nobody counts on. */
const MAX_PARTS = 10_000;

/** Keywords whose cost does not follow from the sizes of schema and value. */
const UNBOUNDED: readonly string[] = ['patternProperties', '$dynamicRef', '$recursiveRef'];

/**
 * How many parts of a schema are looked at for one value, references followed: Infinity where that cannot be said, because of patterns, of
 * references in a circle or to elsewhere, or because there are too many.
 */
export function schemaCost(schema: unknown): number {
  return new Costs(schema).of(schema);
}

class Costs {
  readonly #root: unknown;
  /** Of the targets of references; Infinity while one is being counted, so that a circle is that. */
  readonly #targets = new Map<string, number>();

  constructor(root: unknown) {
    this.#root = root;
  }

  of(part: unknown): number {
    if (Array.isArray(part)) return this.#sum(part);
    if (!isObject(part)) return 1;
    const isUnbounded = UNBOUNDED.some((keyword) => part[keyword] !== undefined);
    if (isUnbounded || typeof part.pattern === 'string' || part.uniqueItems === true) return Number.POSITIVE_INFINITY;
    const own = this.#sum(Object.values(part));
    return typeof part.$ref === 'string' ? own + this.#ofTarget(part.$ref) : own;
  }

  #sum(parts: readonly unknown[]): number {
    let sum = 1;
    for (const part of parts) {
      sum += this.of(part);
      if (sum > MAX_PARTS) return Number.POSITIVE_INFINITY;
    }
    return sum;
  }

  #ofTarget(reference: string): number {
    const known = this.#targets.get(reference);
    if (known !== undefined) return known;
    this.#targets.set(reference, Number.POSITIVE_INFINITY);
    const target = this.#find(reference);
    const cost = target === undefined ? Number.POSITIVE_INFINITY : this.of(target);
    this.#targets.set(reference, cost);
    return cost;
  }

  /** Source: RFC 6901. */
  #find(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    let found = this.#root;
    for (const step of reference.slice(2).split('/')) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    return found;
  }
}
