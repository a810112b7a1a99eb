import type { Role } from './base-types.ts';

/**
 * One of the three: the token of a one-time link, an admin key (a token of the authorization server counts as one), or the query with which the OpenID provider sent
 * the browser back to `/console/signed-in`.
 */
export type SignIn = { readonly token: string } | { readonly key: string } | { readonly answer: string };

/** Begins a sign-in at the OpenID provider. */
export interface ProviderSignIn {
  /** The fragment of the page that is shown afterwards, such as `#/calls`. */
  readonly returnTo: string;
}

export interface ProviderSignInBegun {
  /** Where the browser goes. It has a cookie now without which nobody else can come back from there. */
  readonly location: string;
}

interface SignInWays {
  /** What is taken: a one-time link, a key of "gateway.auth.apiKeys" with "admin", a token of "gateway.auth.jwt", "gateway.console.oidc". */
  readonly ways: readonly ('link' | 'key' | 'token' | 'provider')[];
  /** Host of the OpenID provider, for people; absent where there is none. */
  readonly provider?: string;
}

export interface SignedOut extends SignInWays {
  readonly signedIn: false;
  readonly version: string;
  /** After signing out: where the session at the OpenID provider is ended, which goes on otherwise. */
  readonly endSession?: string;
}

export interface SignedIn extends SignInWays {
  readonly signedIn: true;
  readonly role: Role;
  /** Who it is, as the audit log has it. */
  readonly name: string;
  /** Goes into the header `x-lockgate-csrf`. */
  readonly csrf: string;
  /** When the session ends in any case, and how long it may be silent. */
  readonly endsAt: number;
  readonly idleMs: number;
  readonly version: string;
  /** Whether "gateway.console.allowConfigurationChanges" is set and this role may use it. */
  readonly mayChangeConfiguration: boolean;
  /** Answered to who comes back from the OpenID provider: the fragment of the page that was asked for. */
  readonly returnTo?: string;
}

export type SessionState = SignedOut | SignedIn;

export interface SignInLink {
  readonly url: string;
  readonly validUntil: number;
}
