import { promises as dns, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, H2CClient, Pool } from 'undici';
import type { Lookup } from '../options.ts';
import type { AddressPolicy } from './address-policy.ts';
import { HttpFailure } from './http-failure.ts';

/** Every address of a name, in the system's order. */
export const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true });

/**
 * Opens connections of one guest. The addresses that were checked are the ones connected to: nothing resolves the name
 * a second time, so a name whose address changes in between gains nothing.
 */
export class CheckedDispatcher {
  readonly #policy: AddressPolicy;
  readonly #lookup: Lookup;
  #agent: Agent | undefined;

  constructor(policy: AddressPolicy, lookup: Lookup) {
    this.#policy = policy;
    this.#lookup = lookup;
  }

  /** Connections that stay open between requests, for HTTP/1.1 and HTTP/2 over TLS. */
  shared(): Dispatcher {
    this.#agent ??= new Agent({
      // The port is not known to a lookup, so each port of a host has its own.
      factory: (origin, options) =>
        new Pool(origin, { ...options, connect: { lookup: this.#lookupFor(portOf(origin)) } }),
    });
    return this.#agent;
  }

  /** One connection for HTTP/2 over clear text; the caller destroys it. */
  clearTextHttp2(url: URL): Dispatcher {
    const connect: object = { lookup: this.#lookupFor(portOf(url)) };
    return new H2CClient(url.origin, { connect });
  }

  /** The addresses of a host that may be connected to. @throws Error that says why there is none. */
  async resolve(hostname: string, port: string): Promise<readonly LookupAddress[]> {
    const found = await this.#lookup(hostname);
    const allowed = found.filter(({ address }) => this.#policy.refusalOfAddress(hostname, address, port) === undefined);
    if (allowed.length > 0) return allowed;
    const [first] = found;
    const refusal = first && this.#policy.refusalOfAddress(hostname, first.address, port);
    if (refusal) throw new HttpFailure(refusal.kind, refusal.reason);
    throw new HttpFailure('unknown-name', `the host "${hostname}" has no address`);
  }

  async destroy(): Promise<void> {
    await this.#agent?.destroy();
  }

  #lookupFor(port: string): LookupFunction {
    return (hostname, { all, family }, callback) => {
      this.resolve(hostname, port).then(
        (addresses) => {
          const fitting = addresses.filter(
            (found) => !family || found.family === Number(String(family).replace('IPv', '')),
          );
          const [first] = fitting;
          if (first === undefined) callback(noFittingAddress(hostname), '', 0);
          else if (all) callback(null, fitting as LookupAddress[]);
          else callback(null, first.address, first.family);
        },
        (error: Error) => callback(error, '', 0),
      );
    };
  }
}

function noFittingAddress(hostname: string): HttpFailure {
  return new HttpFailure('unknown-name', `the host "${hostname}" has no fitting address`);
}

/** The port that a URL leads to, written or not. */
export function portOf(origin: string | URL): string {
  const url = new URL(origin);
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}
