import { createHash } from 'node:crypto';

/**
 * A word that stands for a session wherever something is written down: equal for one session, and of no use to whoever
 * reads it, since a session's id is all that a client without credentials needs to take it over.
 */
export function sessionTag(session: string): string {
  return createHash('sha256').update(session).digest('hex').slice(0, 12);
}
