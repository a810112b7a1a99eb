import { session } from './api/credentials.ts';

/** Why the reader may not do what an operator may; undefined for an operator. */
export function whyNotOperator(): string | undefined {
  const state = session.value;
  if (state?.signedIn && state.role === 'operator') return undefined;
  return 'You are signed in as viewer. Sign in as operator to do this.';
}
