import { isDeepStrictEqual } from 'node:util';
import type { RoleEntry } from '../config/roles-section.ts';
import type { Caller } from '../protocol/peer.ts';
import { EVERYTHING, Permission } from './permission.ts';

/** What the configuration says that callers may use. */
export type PermissionsConfig = {
  readonly roles: Readonly<Record<string, RoleEntry>>;
};

/** Roles of a name that is no longer there: nothing. */
const NO_ROLE: RoleEntry = {
  tools: { allow: [], deny: [] },
  resources: { allow: [], deny: [] },
  prompts: { allow: [], deny: [] },
};

/** The permissions that are kept; callers of equal rights share one. */
const MAX_KEPT = 1_000;

/** What each caller may use, by the configuration of now. */
export class Permissions {
  #config: PermissionsConfig;
  #byCaller = new WeakMap<Caller, Permission>();
  readonly #byRights = new Map<string, Permission>();

  constructor(config: PermissionsConfig) {
    this.#config = config;
  }

  /** Other rules from now on, also for those who are connected. */
  replace(config: PermissionsConfig): void {
    if (isDeepStrictEqual(config.roles, this.#config.roles)) return;
    this.#config = config;
    this.#byCaller = new WeakMap();
    this.#byRights.clear();
  }

  /** The same object for all callers of equal rights, until the rules change. */
  of(caller: Caller): Permission {
    const { servers, roles } = caller;
    if (servers === undefined && roles === undefined) return EVERYTHING;
    const known = this.#byCaller.get(caller);
    if (known) return known;
    const rights = JSON.stringify([servers, roles]);
    const permission = this.#byRights.get(rights) ?? this.#make(caller);
    if (this.#byRights.size >= MAX_KEPT) this.#byRights.clear();
    this.#byRights.set(rights, permission);
    this.#byCaller.set(caller, permission);
    return permission;
  }

  #make({ servers, roles }: Caller): Permission {
    const entries = this.#config.roles;
    const entryOf = (name: string): RoleEntry => (Object.hasOwn(entries, name) ? entries[name] : undefined) ?? NO_ROLE;
    return new Permission({
      ...(servers && { servers }),
      ...(roles && { roles: roles.map((name) => [name, entryOf(name)] as const) }),
    });
  }
}
