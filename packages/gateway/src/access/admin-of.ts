import type { AdminRole, AdminSection } from '../config/auth-section.ts';
import { claimValues } from './claim-values.ts';

/**
 * What the claims of a token make of somebody in the console. The operator's values count first.
 *
 * @returns undefined where they hold none of the values.
 */
export function adminOf(payload: object, { claim, operator, viewer }: AdminSection): AdminRole | undefined {
  const values = claimValues(payload, claim);
  if (operator.some((value) => values.includes(value))) return 'operator';
  return viewer.some((value) => values.includes(value)) ? 'viewer' : undefined;
}
