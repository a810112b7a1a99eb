import { signal } from '@preact/signals';
import type {
  ProviderSignIn,
  ProviderSignInBegun,
  SessionState,
  SignedIn,
  SignedOut,
  SignIn,
} from '../../src/console/api.ts';
import { readRoute } from '../navigation.ts';
import { session } from './credentials.ts';
import { ApiFailure, request } from './request.ts';

/** Why signing in did not work, or why nobody can be asked. */
export const signInFailure = signal<ApiFailure | undefined>(undefined);

const LINK = /^#sign-in=(.+)$/;
const HOME = '/console/';
/** Where the OpenID provider sends browsers back to. */
const BACK = '/console/signed-in';
/** The gateway takes no longer ones, and nobody misses the filters of such. */
const LONGEST_FRAGMENT = 1_000;

/** Finds out who the reader is. The token of a link, or a provider's answer, leaves the address before anything else happens. */
export async function startSession(): Promise<void> {
  const token = LINK.exec(location.hash)?.[1];
  const way = location.pathname === BACK ? { answer: location.search.slice(1) } : token && { token };
  if (!way) return ask();
  history.replaceState(null, '', `${HOME}#/overview`);
  await signIn(way);
  // A used link may stand in the history of somebody who is signed in all the same.
  if (session.peek() === undefined) await ask();
}

/** Goes to sign in at the OpenID provider, which sends the browser back here. */
export async function goToProvider(): Promise<void> {
  const { hash } = location;
  const isPage = hash.startsWith('#/') && hash.length <= LONGEST_FRAGMENT;
  const body: ProviderSignIn = { returnTo: isPage ? hash : '#/overview' };
  try {
    const begun = await request<ProviderSignInBegun>('session/provider', { method: 'POST', body });
    location.assign(begun.location);
  } catch (error) {
    signInFailure.value = asFailure(error);
  }
}

/** Signs in; what is wrong stands in {@link signInFailure}. */
export async function signIn(way: SignIn): Promise<void> {
  try {
    const state = await request<SignedIn>('session', { method: 'POST', body: way });
    if (state.returnTo !== undefined) {
      history.replaceState(null, '', HOME + state.returnTo);
      readRoute();
    }
    session.value = state;
    signInFailure.value = undefined;
  } catch (error) {
    signInFailure.value = asFailure(error);
  }
}

/** Ends the session at the gateway. */
export async function signOut(): Promise<void> {
  session.value = await request<SignedOut>('session', { method: 'DELETE' });
  signInFailure.value = undefined;
}

/** Looks again whether the session still holds. */
export async function ask(): Promise<void> {
  try {
    const state = await request<SessionState>('session');
    const before = session.peek();
    // Who has just signed out is to see where that goes on.
    session.value = before?.signedIn === false && !state.signedIn ? { ...before, ...state } : state;
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
