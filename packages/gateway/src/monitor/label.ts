import type { Labels } from '@lockgate/abi';

/** What the monitor asks of a set of tags. A sink's set may hold patterns, which `has` understands. */
export interface TagSet extends Iterable<string> {
  has(tag: string): boolean;
}

/** A pair of labels. Tags have no meaning of their own: they are compared as plain strings. Source: DIFC.md. */
export interface Label {
  readonly secrecy: TagSet;
  readonly integrity: TagSet;
}

/** The label of an agent. */
export interface AgentLabel extends Label {
  /** Secrecy that counts where the agent writes and permits no reading: what it was given by right of grants, which may have gone since. */
  readonly given?: TagSet;
}

/** The label of the public internet: nothing secret, nothing vouched for. */
export const EMPTY_LABEL: Label = { secrecy: new Set(), integrity: new Set() };

/** The label that a guard's answer describes. */
export function toLabel({ secrecy, integrity }: Labels): Label {
  return { secrecy: new Set(secrecy), integrity: new Set(integrity) };
}

/**
 * Secrecy tags that a write-sink accepts: plain tags, prefixes that end in `*` (`private:acme/*`), or `*` for every tag.
 * Source: DIFC.md, "Policies per server".
 */
export class AcceptedTags implements TagSet {
  readonly #tags: ReadonlySet<string>;
  readonly #prefixes: readonly string[];

  constructor(accept: readonly string[]) {
    this.#tags = new Set(accept);
    this.#prefixes = accept.filter((tag) => tag.endsWith('*')).map((tag) => tag.slice(0, -1));
  }

  has(tag: string): boolean {
    return this.#tags.has(tag) || this.#prefixes.some((prefix) => tag.startsWith(prefix));
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#tags[Symbol.iterator]();
  }
}

/** The tags of `inner` that `outer` lacks; none means `outer ⊇ inner`. */
export function missingFrom(outer: TagSet, inner: TagSet): string[] {
  const missing: string[] = [];
  for (const tag of inner) if (!outer.has(tag)) missing.push(tag);
  return missing;
}

/** The label of two things taken together: every secret of both, and only what vouches for both. */
export function join(one: Label, other: Label): Label {
  return {
    secrecy: new Set([...one.secrecy, ...other.secrecy]),
    integrity: new Set([...one.integrity].filter((tag) => other.integrity.has(tag))),
  };
}
