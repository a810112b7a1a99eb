import type { AuthSection } from '../config/auth-section.ts';
import type { Caller } from '../protocol/peer.ts';

/** Whose the one credential is of a server that all callers use with one login. */
export const SHARED = 'shared';

/**
 * Whose credential a caller's own is; undefined where nobody knows who it is. Subjects are names of one issuer alone: with another issuer
 * in the configuration, the same subject is somebody else.
 */
export function holderOf({ name, how }: Caller, auth: AuthSection | undefined): string | undefined {
  switch (how) {
    case 'jwt':
      return JSON.stringify([how, auth?.jwt?.issuer ?? '', name]);
    case 'api-key':
    case 'certificate':
      return JSON.stringify([how, name]);
    default:
      // Whoever holds the pipe started the gateway; no key may have this name.
      return how === undefined && name === 'stdio' ? OWN : undefined;
  }
}

/** Whoever starts the gateway with `--stdio`, and whoever runs a command beside it. */
export const OWN: string = JSON.stringify(['pipe']);

/** What people call a holder. */
export function describeHolder(holder: string): string {
  if (holder === SHARED) return 'all callers';
  const parts = holder
    .replace(/^\[|\]$/g, '')
    .split('","')
    .map((part) => part.replaceAll('"', ''));
  return parts.length === 1 ? 'whoever started the gateway' : (parts.at(-1) ?? holder);
}
