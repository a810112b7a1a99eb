/** Names longer than that are nobody's, and are told in part. */
const MAX_NAME = 100;

/**
 * A name as it is told to whoever gave it: the beginning of one that is long, so that an answer is not as large as what was asked.
 *
 * @param length - In characters. @default 100
 */
export function shortened(name: string, length: number = MAX_NAME): string {
  return name.length > length ? `${name.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : name;
}
