import type { AuthSection } from './auth-section.ts';
import type { GatewaySection } from './gateway-section.ts';
import type { Place } from './place.ts';
import type { RoleEntry } from './roles-section.ts';

/** A name of an entry that is not there: what it should have allowed, and above all denied, nobody knows. */
interface UnknownReference {
  readonly place: Place;
  readonly name: string;
  readonly section: 'roles';
  readonly known: readonly string[];
}

/** Names of roles that no entry has, wherever credentials name them. */
export function unknownReferences(config: {
  readonly gateway: GatewaySection;
  readonly roles: Readonly<Record<string, RoleEntry>>;
}): readonly UnknownReference[] {
  const known = Object.keys(config.roles);
  return rolesOf(config.gateway.auth).flatMap(({ place, names }) =>
    names.flatMap((name, index): UnknownReference[] =>
      known.includes(name) ? [] : [{ place: ['gateway', 'auth', ...place, index], name, section: 'roles', known }],
    ),
  );
}

function rolesOf(auth: AuthSection | undefined): { readonly place: Place; readonly names: readonly string[] }[] {
  const { apiKeys = [], clientCertificates = [], jwt } = auth ?? {};
  return [
    ...apiKeys.map(({ roles = [] }, index) => ({ place: ['apiKeys', index, 'roles'], names: roles })),
    ...clientCertificates.map(({ roles = [] }, index) => ({
      place: ['clientCertificates', index, 'roles'],
      names: roles,
    })),
    ...Object.entries(jwt?.roles?.values ?? {}).map(([value, names]) => ({
      place: ['jwt', 'roles', 'values', value],
      names,
    })),
  ];
}
