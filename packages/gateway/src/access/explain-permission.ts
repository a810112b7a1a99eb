import type { AuthSection, JwtSection } from '../config/auth-section.ts';
import { ITEM_KINDS, type ItemKind, PATTERNS_OF } from '../config/item-patterns.ts';
import type { Place } from '../config/place.ts';
import type { ProfileEntry } from '../config/profiles-section.ts';
import type { RoleEntry } from '../config/roles-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Caller } from '../protocol/peer.ts';
import { createAuthenticator } from './authenticator.ts';
import { type PermittedServer, placeOfPattern, type Ruling } from './permission.ts';
import { Permissions } from './permissions.ts';
import { profileOfValues } from './profile-of-values.ts';
import { rolesOfValues } from './roles-of-values.ts';

/** Somebody whom the configuration lets in. */
export interface KnownPrincipal {
  readonly caller: Caller;
  /** What it is, as a part of a sentence. */
  readonly what: string;
  /** Its entry; absent where it has none. */
  readonly place?: Place;
  /** Where its roles are named; absent where nothing names any. */
  readonly rolesAt?: Place;
}

/** One line of what somebody may use: a pattern, and where it stands. */
export interface PermissionLine {
  /** A role's own, or of a profile that a role allows as a whole, or of the profile that limits whoever it is: what that does not allow no role can. */
  readonly of: 'role' | 'profile' | 'limit';
  readonly kind: ItemKind;
  readonly way: 'allow' | 'deny';
  readonly pattern: string;
  readonly place: Place;
}

/** What was decided, and the place of the file that decided it; absent where nothing limits it. */
export interface ExplainedRuling {
  readonly allowed: boolean;
  readonly place?: Place;
  /** Why, as a part of a sentence. */
  readonly because: string;
}

/** Begins the name of a token by what its claim holds. */
const CLAIM = 'claim:';

/** Tokens and certificates that are all alike here. */
const ANY_TOKEN = 'jwt:*';
const ANY_CERTIFICATE = 'cert:*';

const JWT: Place = ['gateway', 'auth', 'jwt'];

/** Names that `principalOf` knows. */
export function principalNames({ gateway }: GatewayConfig): readonly string[] {
  const { apiKeys = [], clientCertificates = [], jwt } = gateway.auth ?? {};
  const named = [...apiKeys, ...clientCertificates].map(({ name }) => name);
  const held = new Set([...Object.keys(jwt?.roles?.values ?? {}), ...Object.keys(jwt?.profile?.values ?? {})]);
  const any = [...(jwt && held.size === 0 ? [ANY_TOKEN] : []), ...(trustsCa(gateway) ? [ANY_CERTIFICATE] : [])];
  const values = [...held].map((value) => `${CLAIM}${value}`);
  return [...named, ...values, ...any, ...(createAuthenticator(gateway).required ? [] : ['anonymous']), 'stdio'];
}

/**
 * Whoever has this name: an API key, a certificate, `claim:<value>` for tokens whose claim of roles holds that value (several with commas), `anonymous` where
 * nobody is asked, `stdio`; `jwt:` or `cert:` with anything after it where all tokens or certificates are alike. What opens servers by scope is not known of a token.
 */
export function principalOf(config: GatewayConfig, name: string): KnownPrincipal | undefined {
  const auth: AuthSection | undefined = config.gateway.auth;
  if (name.startsWith(CLAIM) && auth?.jwt) {
    const token = tokenOf(auth.jwt, name);
    if (token) return token;
  }
  for (const [key, what] of [
    ['apiKeys', 'an API key'],
    ['clientCertificates', 'a client certificate'],
  ] as const) {
    const index = auth?.[key].findIndex((entry) => entry.name === name) ?? -1;
    const entry = auth?.[key][index];
    if (!entry) continue;
    const place = ['gateway', 'auth', key, index];
    const { servers, roles, profile } = entry;
    const caller = { name, ...(servers && { servers }), ...(roles && { roles }), ...(profile && { profile }) };
    return { caller, what, place, ...(roles && { rolesAt: [...place, 'roles'] }) };
  }
  if (name.startsWith('jwt:') && auth?.jwt && !auth.jwt.roles && !auth.jwt.profile)
    return { caller: { name }, what: 'a token of the issuer', place: JWT };
  if (name.startsWith('cert:') && trustsCa(config.gateway))
    return { caller: { name }, what: 'a client certificate of the CA', place: ['gateway', 'tls', 'clientCa'] };
  if (name === 'stdio') return { caller: { name }, what: 'whoever starts the gateway with --stdio' };
  const isAsked = createAuthenticator(config.gateway).required;
  return name === 'anonymous' && !isAsked ? { caller: { name }, what: 'everybody, since nobody is asked' } : undefined;
}

/** Whether every certificate of a CA comes in, under the name that it has there. */
function trustsCa({ auth, tls }: GatewayConfig['gateway']): boolean {
  return tls?.clientCa !== undefined && (auth?.clientCertificates ?? []).length === 0;
}

/** A token by what its claims hold; undefined where no claim says anything here. */
function tokenOf({ roles, profile }: JwtSection, name: string): KnownPrincipal | undefined {
  if (!roles && !profile) return undefined;
  const held = name.slice(CLAIM.length).split(',');
  const claims = [...new Set([roles?.claim, profile?.claim])].filter((claim) => claim !== undefined);
  const what = `a token whose ${claims.map((claim) => `"${claim}"`).join(' or ')} holds ${held.join(', ')}`;
  const limit = profile && profileOfValues(held, profile.values);
  // Such a token is refused, unless it opens the console, where it may use nothing.
  if (profile && limit === undefined)
    return { caller: { name, roles: [] }, what, rolesAt: [...JWT, 'profile', 'values'] };
  const limited = { name, ...(limit !== undefined && { profile: limit }) };
  if (!roles) return { caller: limited, what };
  return {
    caller: { ...limited, roles: rolesOfValues(held, roles.values) },
    what,
    rolesAt: [...JWT, 'roles', 'values'],
  };
}

/** What its roles and profiles allow and deny; empty where it has none, and may use everything. */
export function permissionLines(config: GatewayConfig, { caller }: KnownPrincipal): readonly PermissionLine[] {
  const { roles = [], profile } = caller;
  const whole = [...new Set(roles.flatMap((role) => config.roles[role]?.profiles ?? []))];
  return [
    ...roles.flatMap((role) => linesOf('role', ['roles', role], config.roles[role])),
    ...whole.flatMap((name) => linesOf('profile', ['profiles', name], config.profiles[name])),
    ...(profile === undefined ? [] : linesOf('limit', ['profiles', profile], config.profiles[profile])),
  ];
}

function linesOf(of: PermissionLine['of'], at: Place, entry: RoleEntry | ProfileEntry | undefined): PermissionLine[] {
  if (!entry) return [];
  return ITEM_KINDS.flatMap((kind) =>
    (['deny', 'allow'] as const).flatMap((way) =>
      entry[PATTERNS_OF[kind]][way].map((pattern, index): PermissionLine => {
        return { of, kind, way, pattern, place: placeOfPattern(at, entry, kind, way, index) };
      }),
    ),
  );
}

/** The answer as a sentence without a full stop. */
export function permissionSentence(
  principal: string,
  allowed: boolean,
  kind: ItemKind,
  server: string,
  name: string,
): string {
  return `${principal} may ${allowed ? '' : 'not '}use the ${kind} "${name}" of "${server}"`;
}

/**
 * Decides as lists and calls do, and says by what.
 *
 * @param at - The profile whose endpoint it is asked at. @default none
 */
export function explainPermission(
  config: GatewayConfig,
  principal: KnownPrincipal,
  kind: ItemKind,
  server: string,
  name: string,
  at?: string,
): ExplainedRuling {
  const section = Object.hasOwn(config.plugins, server) ? 'plugins' : 'mcpServers';
  const entry = config[section][server];
  if (!entry) return { allowed: false, because: `no plugin or server has the name "${server}"` };
  if (entry.disabled) return { allowed: false, place: [section, server, 'disabled'], because: 'it is switched off' };
  const asked: PermittedServer = { name: server, tools: entry.tools };
  const ruling = new Permissions(config).of(principal.caller, at).rule(kind, asked, name);
  return { allowed: ruling.allowed, ...reasonOf(ruling, principal, [section, server, 'tools']) };
}

function reasonOf(
  { allowed, rule }: Ruling,
  { place = [], rolesAt }: KnownPrincipal,
  toolsAt: Place,
): Omit<ExplainedRuling, 'allowed'> {
  switch (rule.of) {
    case 'file':
      return { place: rule.place, because: allowed ? whyAllowed(rule.place) : whyRefused(rule.place) };
    case 'entry':
      return { place: toolsAt, because: 'the entry serves other tools only' };
    case 'credential':
      if (rule.key === 'servers') return { place: [...place, 'servers'], because: 'it does not open this server' };
      return { ...(rolesAt && { place: rolesAt }), because: 'none of these roles allows it' };
    case 'nothing':
      return { because: 'it has no roles, and nothing else limits it' };
    default: {
      const unknown: never = rule;
      throw new TypeError(String(unknown));
    }
  }
}

function whyAllowed(place: Place): string {
  const isEntry = place.length === 2;
  return isEntry ? 'this allows it, since it has no patterns of that kind' : 'this allows it';
}

function whyRefused(place: Place): string {
  if (place.includes('deny')) return 'this denies it, whatever allows it';
  return 'it is not in this profile';
}
