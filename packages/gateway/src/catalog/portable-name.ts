import { createHash } from 'node:crypto';

/** Longest name that the models behind all clients take. */
const MAX_LENGTH = 64;

const HASH_LENGTH = 8;

/** What is left of a name that ends in a hash. */
const KEPT_LENGTH = MAX_LENGTH - HASH_LENGTH - 1;

/** ASCII that is not allowed, of which one kind stands for another without loss worth speaking of. */
const REPLACED = /[^A-Za-z0-9_-]/g;

/**
 * A name that every client takes: letters, digits, `_` and `-`, at most 64. Other characters become `_`; where that says too
 * little, because they are none of ASCII, or the name is too long, the end is a hash of the whole name. The same name always
 * becomes the same, whatever else there is.
 *
 * @param allowed - Characters that stay nevertheless: who chose the separator has chosen them.
 */
export function portableName(name: string, allowed: string): string {
  const clean = cleaned(name, allowed);
  if (clean.length <= MAX_LENGTH && /^[ -~]*$/.test(name)) return clean;
  return `${clean.slice(0, KEPT_LENGTH)}_${nameHash(name)}`;
}

/** What tells names apart of which a client sees only a part. */
export function nameHash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
}

/** How the portable names begin of all names that begin like this. */
export function portableStart(start: string, allowed: string): string {
  return cleaned(start, allowed).slice(0, KEPT_LENGTH);
}

function cleaned(name: string, allowed: string): string {
  return name.replace(REPLACED, (character) => (allowed.includes(character) ? character : '_'));
}
