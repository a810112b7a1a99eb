import { isDeepStrictEqual } from 'node:util';
import type { Permissions } from '../access/permissions.ts';
import type { NamingOptions } from '../catalog/naming.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { type DiscoveryOptions, Endpoint } from './endpoint.ts';
import type { ServedList } from './served.ts';

export interface EndpointsOptions {
  readonly served: ServedList;
  readonly permissions: Permissions;
  readonly info: ObjectText;
  readonly startWindow: Promise<void>;
  /** Whether a guard decides on what a server says. */
  readonly isGuarded: (server: string) => boolean;
}

/** The ways in: one for all servers, and one for each. */
export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #byServer = new Map<string, Endpoint>();
  #naming: NamingOptions;
  #discovery: DiscoveryOptions;

  constructor(options: EndpointsOptions, naming: NamingOptions, discovery: DiscoveryOptions) {
    this.#options = options;
    this.#naming = naming;
    this.#discovery = discovery;
  }

  /** Tools are found otherwise from now on, also at endpoints that are open; false where nothing is new. */
  rediscover(discovery: DiscoveryOptions): boolean {
    if (isDeepStrictEqual(discovery, this.#discovery)) return false;
    this.#discovery = discovery;
    return true;
  }

  /** Other names from now on; endpoints that are open keep theirs. */
  rename(naming: NamingOptions): void {
    if (isDeepStrictEqual(naming, this.#naming)) return;
    this.#naming = naming;
    this.#byServer.clear();
  }

  /** @param server - The one server; all where absent. */
  of(server?: string): Endpoint {
    const key = server === undefined ? 'all' : `one ${server}`;
    const known = this.#byServer.get(key);
    if (known) return known;
    const endpoint = new Endpoint({
      ...this.#options,
      naming: this.#naming,
      discovery: () => this.#discovery,
      ...(server !== undefined && { server }),
    });
    this.#byServer.set(key, endpoint);
    return endpoint;
  }
}
