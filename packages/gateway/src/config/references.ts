import type { AuthSection } from './auth-section.ts';
import type { GatewaySection } from './gateway-section.ts';
import type { Place } from './place.ts';
import type { ProfileEntry } from './profiles-section.ts';
import type { RoleEntry } from './roles-section.ts';

/** A name of an entry that is not there: what it should have allowed, and above all denied, nobody knows. */
interface Reference {
  readonly section: 'roles' | 'profiles';
  readonly place: Place;
  readonly name: string;
}

interface Named {
  readonly gateway: GatewaySection;
  readonly roles: Readonly<Record<string, RoleEntry>>;
  readonly profiles: Readonly<Record<string, ProfileEntry>>;
}

/** Names of roles and profiles that no entry has, wherever credentials and roles name them. */
export function unknownReferences(config: Named): readonly (Reference & { readonly known: readonly string[] })[] {
  return referencesOf(config).flatMap((reference) => {
    const known = Object.keys(config[reference.section]);
    return known.includes(reference.name) ? [] : [{ ...reference, known }];
  });
}

function referencesOf({ gateway, roles }: Named): readonly Reference[] {
  const { jwt }: Partial<AuthSection> = gateway.auth ?? {};
  const all = (section: Reference['section'], place: Place, names: readonly string[]): readonly Reference[] =>
    names.map((name, index) => ({ section, place: [...place, index], name }));
  const ofCredentials = (['apiKeys', 'clientCertificates'] as const).flatMap((key) =>
    (gateway.auth?.[key] ?? []).flatMap(({ roles = [], profile }, index): readonly Reference[] => {
      const place = ['gateway', 'auth', key, index];
      const limited =
        profile === undefined ? [] : [{ section: 'profiles' as const, place: [...place, 'profile'], name: profile }];
      return [...all('roles', [...place, 'roles'], roles), ...limited];
    }),
  );
  const ofTokens = Object.entries(jwt?.roles?.values ?? {}).flatMap(([value, names]) =>
    all('roles', ['gateway', 'auth', 'jwt', 'roles', 'values', value], names),
  );
  const ofTokenProfiles = Object.entries(jwt?.profile?.values ?? {}).map(([value, name]): Reference => {
    return { section: 'profiles', place: ['gateway', 'auth', 'jwt', 'profile', 'values', value], name };
  });
  const ofRoles = Object.entries(roles).flatMap(([role, { profiles }]) =>
    all('profiles', ['roles', role, 'profiles'], profiles),
  );
  return [...ofCredentials, ...ofTokens, ...ofTokenProfiles, ...ofRoles];
}
