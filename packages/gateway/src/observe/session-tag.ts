import { createHash } from 'node:crypto';

/** Tags that are kept; making one costs more than many a call. */
const MAX_TAGS = 1_000;

const tags = new Map<string, string>();

/**
 * A word that stands for a session wherever something is written down: equal for one session, and of no use to whoever
 * reads it, since a session's id is all that a client without credentials needs to take it over.
 */
export function sessionTag(session: string): string {
  const known = tags.get(session);
  if (known !== undefined) return known;
  const tag = createHash('sha256').update(session).digest('hex').slice(0, 12);
  if (tags.size >= MAX_TAGS) tags.clear();
  tags.set(session, tag);
  return tag;
}
