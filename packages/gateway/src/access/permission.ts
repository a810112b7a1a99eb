import {
  EVERY_ITEM,
  type ItemKind,
  type ItemPatterns,
  matchesItem,
  opensServer,
  PATTERNS_OF,
} from '../config/item-patterns.ts';
import type { Place } from '../config/place.ts';
import type { ProfileEntry } from '../config/profiles-section.ts';
import type { RoleEntry } from '../config/roles-section.ts';
import { isServed } from '../config/tool-pattern.ts';
import { plainAddresses, plainPattern } from './address-forms.ts';

/** What decided: a place of the file, a key of whoever's credential, the "tools" of the server's entry, or that nothing limits it. */
export type Rule =
  | { readonly of: 'file'; readonly place: Place }
  | { readonly of: 'credential'; readonly key: 'servers' | 'roles' }
  | { readonly of: 'entry' }
  | { readonly of: 'nothing' };

export interface Ruling {
  readonly allowed: boolean;
  readonly rule: Rule;
}

/** A server as far as permissions ask about it. */
export interface PermittedServer {
  readonly name: string;
  /** Patterns of its tools that are served; all when absent. */
  readonly tools?: readonly string[] | undefined;
}

type ProfileOfName = readonly [name: string, profile: ProfileEntry];

/** With the profiles that are allowed as a whole, in the order of the role. */
type RoleOfName = readonly [name: string, role: RoleEntry, profiles: readonly ProfileOfName[]];

export interface PermissionOptions {
  /** Servers that the credential opens; all when absent. */
  readonly servers?: readonly string[] | undefined;
  /** What the credential's roles allow and deny, by name; no limit when absent. */
  readonly roles?: readonly RoleOfName[] | undefined;
  /** Profiles that each limit it: the endpoint's, the credential's. */
  readonly profiles?: readonly ProfileOfName[];
}

/**
 * What somebody may use of what servers offer: the one decision behind lists, calls, searches, subscriptions and `lockgate config explain`. What servers
 * say of their own tools, such as that one only reads, decides nothing.
 */
export class Permission {
  readonly #options: PermissionOptions;
  readonly #opened = new Map<string, boolean>();

  constructor(options: PermissionOptions) {
    this.#options = options;
  }

  /** Whether only a part may be used of the servers that are opened, or of some. */
  get isPartial(): boolean {
    const { roles, profiles = [] } = this.#options;
    return roles !== undefined || profiles.length > 0;
  }

  /** Whether anything of a server may be used, as far as is known without its offer. What is not opened does not exist. */
  opens(server: string): boolean {
    let opened = this.#opened.get(server);
    if (opened === undefined) {
      const { servers, roles, profiles = [] } = this.#options;
      opened =
        (servers?.includes(server) ?? true) &&
        profiles.every(([, profile]) => profileOpens(profile, server)) &&
        (roles?.some(([, role, whole]) => allowsOf(role, server) || whole.some(([, of]) => profileOpens(of, server))) ??
          true);
      this.#opened.set(server, opened);
    }
    return opened;
  }

  /** Whether a tool, a prompt or a resource may be used, by the name that its server has for it. */
  allows(kind: ItemKind, server: PermittedServer, name: string): boolean {
    return this.rule(kind, server, name).allowed;
  }

  /** The same, with what decided it. */
  rule(kind: ItemKind, server: PermittedServer, name: string): Ruling {
    const { servers, roles, profiles = [] } = this.#options;
    if (servers && !servers.includes(server.name)) return refusedBy({ of: 'credential', key: 'servers' });
    if (kind === 'tool' && !isServed(name, server.tools)) return refusedBy({ of: 'entry' });
    if (!this.isPartial) return NO_LIMIT;
    const judge = (matches: Matches): Ruling => {
      const rulings = profiles.map((profile) => ruleOfProfile(profile, kind, server.name, matches));
      const refused = rulings.find(({ allowed }) => !allowed);
      if (refused) return refused;
      return roles ? ruleOfRoles(roles, kind, server.name, matches) : (rulings.at(-1) ?? NO_LIMIT);
    };
    const asWritten = judge((pattern) => matchesItem(pattern, server.name, name));
    if (kind !== 'resource' || !asWritten.allowed) return asWritten;
    for (const plain of plainAddresses(name)) {
      const asRead = judge((pattern) => {
        const slash = pattern.indexOf('/') + 1;
        return matchesItem(pattern.slice(0, slash) + plainPattern(pattern.slice(slash)), server.name, plain);
      });
      if (!asRead.allowed) return asRead;
    }
    return asWritten;
  }
}

const NO_LIMIT: Ruling = { allowed: true, rule: { of: 'nothing' } };

/** Of whoever nothing limits. */
export const EVERYTHING: Permission = new Permission({});

function refusedBy(rule: Rule): Ruling {
  return { allowed: false, rule };
}

type Matches = (pattern: string) => boolean;

function ruleOfProfile([name, profile]: ProfileOfName, kind: ItemKind, server: string, matches: Matches): Ruling {
  const key = PATTERNS_OF[kind];
  const place = ['profiles', name, key];
  if (profile.servers && !profile.servers.includes(server))
    return refusedBy({ of: 'file', place: ['profiles', name, 'servers'] });
  const denied = profile[key].deny.findIndex(matches);
  if (denied !== -1) return refusedBy({ of: 'file', place: [...place, 'deny', denied] });
  const allowed = profile[key].allow.findIndex(matches);
  if (allowed === -1) return refusedBy({ of: 'file', place: [...place, 'allow'] });
  return {
    allowed: true,
    rule: { of: 'file', place: placeOfPattern(['profiles', name], profile, kind, 'allow', allowed) },
  };
}

/** Where a pattern of a role or profile stands; its entry, where none stands there and all is allowed for that. */
export function placeOfPattern(
  at: Place,
  entry: RoleEntry | ProfileEntry,
  kind: ItemKind,
  way: keyof ItemPatterns,
  index: number,
): Place {
  const key = PATTERNS_OF[kind];
  return entry[key][way] === EVERY_ITEM ? at : [...at, key, way, index];
}

function ruleOfRoles(roles: readonly RoleOfName[], kind: ItemKind, server: string, matches: Matches): Ruling {
  const key = PATTERNS_OF[kind];
  const found = (way: keyof ItemPatterns): Rule | undefined => {
    for (const [name, role] of roles) {
      const index = role[key][way].findIndex(matches);
      if (index !== -1) return { of: 'file', place: ['roles', name, key, way, index] };
    }
    return undefined;
  };
  const denied = found('deny');
  if (denied) return refusedBy(denied);
  const allowed = found('allow');
  if (allowed) return { allowed: true, rule: allowed };
  for (const [name, , profiles] of roles) {
    const index = profiles.findIndex((profile) => ruleOfProfile(profile, kind, server, matches).allowed);
    if (index !== -1) return { allowed: true, rule: { of: 'file', place: ['roles', name, 'profiles', index] } };
  }
  return refusedBy({ of: 'credential', key: 'roles' });
}

function profileOpens(profile: ProfileEntry, server: string): boolean {
  return (profile.servers?.includes(server) ?? true) && allowsOf(profile, server);
}

function allowsOf(of: Pick<RoleEntry, 'tools' | 'resources' | 'prompts'>, server: string): boolean {
  return Object.values(PATTERNS_OF).some((key) => of[key].allow.some((pattern) => opensServer(pattern, server)));
}
