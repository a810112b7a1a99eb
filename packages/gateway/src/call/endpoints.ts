import { isDeepStrictEqual } from 'node:util';
import type { Permissions } from '../access/permissions.ts';
import type { NamingOptions } from '../catalog/naming.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Pins } from '../consent/pins.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { type DiscoveryOptions, Endpoint } from './endpoint.ts';
import type { ServedList } from './served.ts';

export interface EndpointsOptions {
  readonly served: ServedList;
  readonly permissions: Permissions;
  readonly pins: Pins;
  readonly info: ObjectText;
  readonly startWindow: Promise<void>;
  /** Whether a guard decides on what a server says. */
  readonly isGuarded: (server: string) => boolean;
}

type Profiles = GatewayConfig['profiles'];

/** The ways in: one for all servers, and one for each. */
export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #byName = new Map<string, Endpoint>();
  #naming: NamingOptions;
  #profiles: Profiles;
  #discovery: DiscoveryOptions;

  constructor(options: EndpointsOptions, naming: NamingOptions, discovery: DiscoveryOptions, profiles: Profiles) {
    this.#options = options;
    this.#naming = naming;
    this.#profiles = profiles;
    this.#discovery = discovery;
  }

  /** Tools are found otherwise from now on, also at endpoints that are open; false where nothing is new. */
  rediscover(discovery: DiscoveryOptions): boolean {
    if (isDeepStrictEqual(discovery, this.#discovery)) return false;
    this.#discovery = discovery;
    return true;
  }

  /** Other names and profiles from now on; endpoints that are open keep theirs. */
  rename(naming: NamingOptions, profiles: Profiles): void {
    const before = this.#profiles;
    this.#profiles = profiles;
    for (const name of Object.keys(before)) {
      if (!isDeepStrictEqual(before[name], profiles[name])) this.#byName.delete(`one @${name}`);
    }
    if (isDeepStrictEqual(naming, this.#naming)) return;
    this.#naming = naming;
    this.#byName.clear();
  }

  /** The endpoint of a profile; undefined where there is no such profile. */
  ofProfile(name: string): Endpoint | undefined {
    return Object.hasOwn(this.#profiles, name) ? this.of(`@${name}`) : undefined;
  }

  /** @param name - The one server, or `@` and the name of a profile, which has to be there; all where absent. */
  of(name?: string): Endpoint {
    const key = name === undefined ? 'all' : `one ${name}`;
    const known = this.#byName.get(key);
    if (known) return known;
    const profile = name?.startsWith('@') ? name.slice(1) : undefined;
    const entry = profile === undefined ? undefined : this.#profiles[profile];
    const endpoint = new Endpoint({
      ...this.#options,
      naming: entry?.prefix ? { ...this.#naming, prefix: entry.prefix } : this.#naming,
      discovery: () => (entry?.discovery ? { ...this.#discovery, discovery: entry.discovery } : this.#discovery),
      ...(profile !== undefined ? { profile } : name !== undefined && { server: name }),
    });
    this.#byName.set(key, endpoint);
    return endpoint;
  }
}
