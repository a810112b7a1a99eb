import { signal } from '@preact/signals';
import type { SessionState, SignedIn, SignIn } from '../../src/console/api.ts';
import { session } from './credentials.ts';
import { ApiFailure, request } from './request.ts';

/** Why signing in did not work, or why nobody can be asked. */
export const signInFailure = signal<ApiFailure | undefined>(undefined);

const LINK = /^#sign-in=(.+)$/;

/** Finds out who the reader is. The token of a one-time link leaves the address before anything else happens. */
export async function startSession(): Promise<void> {
  const token = LINK.exec(location.hash)?.[1];
  if (token === undefined) return ask();
  history.replaceState(null, '', `${location.pathname}#/overview`);
  await signIn({ token });
  // A used link may stand in the history of somebody who is signed in all the same.
  if (session.peek() === undefined) await ask();
}

/** Signs in; what is wrong stands in {@link signInFailure}. */
export async function signIn(way: SignIn): Promise<void> {
  try {
    session.value = await request<SignedIn>('session', { method: 'POST', body: way });
    signInFailure.value = undefined;
  } catch (error) {
    signInFailure.value = asFailure(error);
  }
}

/** Ends the session at the gateway. */
export async function signOut(): Promise<void> {
  await request('session', { method: 'DELETE' });
  signInFailure.value = undefined;
  await ask();
}

/** Looks again whether the session still holds. */
export async function ask(): Promise<void> {
  try {
    const state = await request<SessionState>('session');
    session.value = state;
    if (state.signedIn) signInFailure.value = undefined;
  } catch (error) {
    // Who was signed in stays so while the gateway cannot be asked.
    if (session.peek() === undefined) signInFailure.value = asFailure(error);
  }
}

function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure({ code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) });
}
