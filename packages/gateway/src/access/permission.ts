import { type ItemKind, type ItemPatterns, matchesItem, opensServer, PATTERNS_OF } from '../config/item-patterns.ts';
import type { Place } from '../config/place.ts';
import type { RoleEntry } from '../config/roles-section.ts';
import { isServed } from '../config/tool-pattern.ts';
import { plainAddress, plainPattern } from './address-forms.ts';

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

export interface PermissionOptions {
  /** Servers that the credential opens; all when absent. */
  readonly servers?: readonly string[] | undefined;
  /** What the credential's roles allow and deny, by name; no limit when absent. */
  readonly roles?: readonly (readonly [name: string, role: RoleEntry])[] | undefined;
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

  /** Whether roles limit what may be used of the servers that are opened. */
  get hasRoles(): boolean {
    return this.#options.roles !== undefined;
  }

  /** Whether anything of a server may be used, as far as is known without its offer. What is not opened does not exist. */
  opens(server: string): boolean {
    let opened = this.#opened.get(server);
    if (opened === undefined) {
      const { servers, roles } = this.#options;
      opened = (servers?.includes(server) ?? true) && (roles?.some(([, role]) => roleOpens(role, server)) ?? true);
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
    const { servers, roles } = this.#options;
    if (servers && !servers.includes(server.name)) return refusedBy({ of: 'credential', key: 'servers' });
    if (kind === 'tool' && !isServed(name, server.tools)) return refusedBy({ of: 'entry' });
    if (!roles) return { allowed: true, rule: { of: 'nothing' } };
    if (kind !== 'resource') return ruleOfRoles(roles, kind, (pattern) => matchesItem(pattern, server.name, name));
    const plain = plainAddress(name);
    const asWritten = ruleOfRoles(roles, kind, (pattern) => matchesItem(pattern, server.name, name));
    if (!asWritten.allowed) return asWritten;
    const asRead = ruleOfRoles(roles, kind, (pattern) => {
      const slash = pattern.indexOf('/') + 1;
      return matchesItem(pattern.slice(0, slash) + plainPattern(pattern.slice(slash)), server.name, plain);
    });
    return asRead.allowed ? asWritten : asRead;
  }
}

/** Of whoever nothing limits. */
export const EVERYTHING: Permission = new Permission({});

function refusedBy(rule: Rule): Ruling {
  return { allowed: false, rule };
}

function ruleOfRoles(
  roles: NonNullable<PermissionOptions['roles']>,
  kind: ItemKind,
  matches: (pattern: string) => boolean,
): Ruling {
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
  return allowed ? { allowed: true, rule: allowed } : refusedBy({ of: 'credential', key: 'roles' });
}

function roleOpens(role: RoleEntry, server: string): boolean {
  return Object.values(PATTERNS_OF).some((key) => role[key].allow.some((pattern) => opensServer(pattern, server)));
}
