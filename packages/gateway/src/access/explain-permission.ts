import type { AuthSection } from '../config/auth-section.ts';
import { ITEM_KINDS, type ItemKind, PATTERNS_OF } from '../config/item-patterns.ts';
import type { Place } from '../config/place.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Caller } from '../protocol/peer.ts';
import { createAuthenticator } from './authenticator.ts';
import type { PermittedServer, Ruling } from './permission.ts';
import { Permissions } from './permissions.ts';
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

/** Names that `principalOf` knows. */
export function principalNames({ gateway }: GatewayConfig): readonly string[] {
  const { apiKeys = [], clientCertificates = [], jwt } = gateway.auth ?? {};
  const named = [...apiKeys, ...clientCertificates].map(({ name }) => name);
  const values = Object.keys(jwt?.roles?.values ?? {}).map((value) => `${CLAIM}${value}`);
  return [...named, ...values, ...(createAuthenticator(gateway).required ? [] : ['anonymous']), 'stdio'];
}

/**
 * Whoever has this name: an API key, a certificate, `claim:<value>` for tokens whose claim of roles holds that value (several with commas), `anonymous` where
 * nobody is asked, or `stdio`. What opens servers by scope is not known of a token.
 */
export function principalOf(config: GatewayConfig, name: string): KnownPrincipal | undefined {
  const auth: AuthSection | undefined = config.gateway.auth;
  if (name.startsWith(CLAIM) && auth?.jwt?.roles) {
    const { claim, values } = auth.jwt.roles;
    const held = name.slice(CLAIM.length).split(',');
    const what = `a token whose "${claim}" holds ${held.join(', ')}`;
    const rolesAt = ['gateway', 'auth', 'jwt', 'roles', 'values'];
    return { caller: { name, roles: rolesOfValues(held, values) }, what, rolesAt };
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
  if (name === 'stdio') return { caller: { name }, what: 'whoever starts the gateway with --stdio' };
  const isAsked = createAuthenticator(config.gateway).required;
  return name === 'anonymous' && !isAsked ? { caller: { name }, what: 'everybody, since nobody is asked' } : undefined;
}

/** What its roles allow and deny; empty where it has none, and may use everything. */
export function permissionLines({ roles }: GatewayConfig, { caller }: KnownPrincipal): readonly PermissionLine[] {
  return ITEM_KINDS.flatMap((kind) =>
    (['deny', 'allow'] as const).flatMap((way) =>
      (caller.roles ?? []).flatMap((role) =>
        (roles[role]?.[PATTERNS_OF[kind]][way] ?? []).map((pattern, index): PermissionLine => {
          return { kind, way, pattern, place: ['roles', role, PATTERNS_OF[kind], way, index] };
        }),
      ),
    ),
  );
}

/** Decides as lists and calls do, and says by what. */
export function explainPermission(
  config: GatewayConfig,
  principal: KnownPrincipal,
  kind: ItemKind,
  server: string,
  name: string,
): ExplainedRuling {
  const section = Object.hasOwn(config.plugins, server) ? 'plugins' : 'mcpServers';
  const entry = config[section][server];
  if (!entry) return { allowed: false, because: `no plugin or server has the name "${server}"` };
  if (entry.disabled) return { allowed: false, place: [section, server, 'disabled'], because: 'it is switched off' };
  const asked: PermittedServer = { name: server, tools: entry.tools };
  const ruling = new Permissions(config).of(principal.caller).rule(kind, asked, name);
  return { allowed: ruling.allowed, ...reasonOf(ruling, principal, [section, server, 'tools']) };
}

function reasonOf(
  { allowed, rule }: Ruling,
  { place = [], rolesAt }: KnownPrincipal,
  toolsAt: Place,
): Omit<ExplainedRuling, 'allowed'> {
  switch (rule.of) {
    case 'file':
      return { place: rule.place, because: allowed ? 'this allows it' : whyRefused(rule.place) };
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

function whyRefused(place: Place): string {
  if (place.includes('deny')) return 'this denies it, whatever allows it';
  return 'it is not in this profile';
}
