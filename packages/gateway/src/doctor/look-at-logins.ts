import { describeHolder, OWN, SHARED } from '../login/holder.ts';
import type { ExamineContext } from './examine-context.ts';
import type { Findings } from './finding.ts';

/**
 * What is kept of the logins that callers of a server have each for themselves. They are read and not used: the doctor asks no server in the name of
 * somebody else.
 */
export async function lookAtLogins(
  found: Findings,
  server: string,
  { loginsOf, now }: Pick<ExamineContext, 'loginsOf' | 'now'>,
): Promise<void> {
  const others = (await loginsOf(server)).filter(({ holder }) => holder !== SHARED && holder !== OWN);
  if (others.length === 0) return;
  const ended = others.filter(({ expiresAt, isRenewable }) => !isRenewable && (expiresAt ?? Infinity) <= now());
  found.ok(`logins of ${others.length} caller${others.length === 1 ? '' : 's'} are kept`);
  if (ended.length === 0) return;
  const names = ended.slice(0, MOST_NAMES).map(({ holder }) => describeHolder(holder));
  const more = ended.length > names.length ? ` and of ${ended.length - names.length} more` : '';
  found.warning({
    problem: `the login of ${names.join(', ')}${more} has ended, and cannot be renewed`,
    remedy: 'they are told where to log in at their next call; nothing is to be done here',
  });
}

/** Names that are told. */
const MOST_NAMES = 10;
