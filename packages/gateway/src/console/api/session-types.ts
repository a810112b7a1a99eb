import type { Role } from './base-types.ts';

/** One of the two: the token of a one-time link, or an admin key (a token of the authorization server counts as one). */
export type SignIn = { readonly token: string } | { readonly key: string };

export interface SignedOut {
  readonly signedIn: false;
  /** What is taken: a one-time link, a key of "gateway.auth.apiKeys" with "admin", a token of "gateway.auth.jwt". */
  readonly ways: readonly ('link' | 'key' | 'token')[];
  readonly version: string;
}

export interface SignedIn {
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
}

export type SessionState = SignedOut | SignedIn;

export interface SignInLink {
  readonly url: string;
  readonly validUntil: number;
}
