import { signal } from '@preact/signals';
import type { SessionState } from '../../src/console/api.ts';

/** Who the reader is; undefined until the gateway has said it. */
export const session = signal<SessionState | undefined>(undefined);

/** The token that every change carries; empty for somebody who is not signed in. */
export function csrf(): string {
  const state = session.peek();
  return state?.signedIn ? state.csrf : '';
}

/** The gateway knows the session no longer: the next thing shown is the way to sign in. */
export function signedOut(): void {
  const state = session.peek();
  if (!state?.signedIn) return;
  const { ways, provider, version } = state;
  session.value = { signedIn: false, ways, version, ...(provider !== undefined && { provider }) };
}
