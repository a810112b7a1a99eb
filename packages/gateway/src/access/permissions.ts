import { isDeepStrictEqual } from 'node:util';
import type { ProfileEntry } from '../config/profiles-section.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Caller } from '../protocol/peer.ts';
import { EVERYTHING, Permission } from './permission.ts';

/** What the configuration says that callers may use. */
export type PermissionsConfig = Pick<GatewayConfig, 'roles' | 'profiles'>;

const NOTHING = { allow: [], deny: [] };

/** Roles and profiles of a name that is no longer there: nothing. */
const NO_ENTRY = { tools: NOTHING, resources: NOTHING, prompts: NOTHING, profiles: [] };

/** The permissions that are kept; callers of equal rights share one. */
const MAX_KEPT = 1_000;

/** What each caller may use, by the configuration of now. */
export class Permissions {
  #config: PermissionsConfig;
  #byCaller = new WeakMap<Caller, Map<string | undefined, Permission>>();
  readonly #byRights = new Map<string, Permission>();

  constructor(config: PermissionsConfig) {
    this.#config = config;
  }

  /** Other rules from now on, also for those who are connected. */
  replace({ roles, profiles }: PermissionsConfig): void {
    if (isDeepStrictEqual({ roles, profiles }, { roles: this.#config.roles, profiles: this.#config.profiles })) return;
    this.#config = { roles, profiles };
    this.#byCaller = new WeakMap();
    this.#byRights.clear();
  }

  /**
   * The same object for all callers of equal rights, until the rules change.
   *
   * @param at - The profile whose endpoint it is. @default none
   */
  of(caller: Caller, at?: string): Permission {
    const { servers, roles, profile } = caller;
    if (servers === undefined && roles === undefined && profile === undefined && at === undefined) return EVERYTHING;
    const known = this.#byCaller.get(caller)?.get(at);
    if (known) return known;
    const rights = JSON.stringify([servers ?? null, roles ?? null, profile ?? null, at ?? null]);
    const permission = this.#byRights.get(rights) ?? this.#make(caller, at);
    if (this.#byRights.size >= MAX_KEPT) this.#byRights.clear();
    this.#byRights.set(rights, permission);
    this.#byCaller.set(caller, (this.#byCaller.get(caller) ?? new Map()).set(at, permission));
    return permission;
  }

  #make({ servers, roles, profile }: Caller, at: string | undefined): Permission {
    const config = this.#config;
    const profileOf = (name: string): readonly [string, ProfileEntry] => [
      name,
      entryOf(config.profiles, name) ?? NO_ENTRY,
    ];
    const limiting = [...new Set([at, profile])].filter((name) => name !== undefined);
    return new Permission({
      ...(servers && { servers }),
      ...(roles && {
        roles: roles.map((name) => {
          const role = entryOf(config.roles, name) ?? NO_ENTRY;
          return [name, role, role.profiles.map(profileOf)] as const;
        }),
      }),
      profiles: limiting.map(profileOf),
    });
  }
}

function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
