import { isDeepStrictEqual } from 'node:util';
import type { AuthSection } from '../config/auth-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Caller } from '../protocol/peer.ts';

type Auth = AuthSection | undefined;
type Config = Pick<GatewayConfig, 'gateway' | 'roles' | 'profiles'>;

/**
 * Whether a principal of before has no longer the same rights by the same credential. Its open sessions have to end:
 * streams that stay open are never asked for a credential again.
 */
export function isRevoked({ name, roles = [], profile }: Caller, before: Config, after: Config): boolean {
  if (roles.some((role) => !isDeepStrictEqual(before.roles[role], after.roles[role]))) return true;
  const profiles = [...roles.flatMap((role) => before.roles[role]?.profiles ?? []), ...(profile ? [profile] : [])];
  if (profiles.some((of) => !isDeepStrictEqual(before.profiles[of], after.profiles[of]))) return true;
  return hasOtherCredential(name, before.gateway.auth, after.gateway.auth);
}

function hasOtherCredential(principal: string, before: Auth, after: Auth): boolean {
  if (principal === 'stdio') return false;
  if (principal === 'anonymous') return !isDeepStrictEqual(before, after);
  if (principal.startsWith('jwt:')) return !isDeepStrictEqual(before?.jwt, after?.jwt);
  if (principal.startsWith('cert:')) return !isDeepStrictEqual(before?.clientCertificates, after?.clientCertificates);
  return !isDeepStrictEqual(entriesOf(principal, before), entriesOf(principal, after));
}

function entriesOf(name: string, auth: Auth): readonly object[] {
  return [...(auth?.apiKeys ?? []), ...(auth?.clientCertificates ?? [])].filter((entry) => entry.name === name);
}
