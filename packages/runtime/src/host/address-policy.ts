import type { HttpFailureKind } from '@lockgate/abi';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Why something must not be asked, in plain words, and what a guest is told that it is. */
export interface Refusal {
  readonly kind: HttpFailureKind;
  readonly reason: string;
}

interface NameRule {
  /** An exact name, or the part behind `*.`; empty for `*`. */
  readonly name: string;
  readonly isWildcard: boolean;
  readonly port: string | undefined;
}

interface AddressRule {
  readonly network: Address;
  readonly prefixLength: number;
  readonly port: string | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const GLOBAL_UNICAST: readonly [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');
/** Azure answers virtual machines with their secrets here, at an address that looks public. */
const AZURE_METADATA = '168.63.129.16';

/**
 * What one guest may reach. Names are matched before a host name is resolved, addresses after it: an address that is
 * not public, whatever name led to it, is reached only where it is granted itself.
 *
 * Grants: `api.example.com` (that name), `*.example.com` (its subdomains), `*` (any name), `10.1.2.3`, `fd00::1`
 * (that address, also under a granted name), `10.0.0.0/8` (such addresses), `localhost` (that name, at loopback).
 * Names and addresses may end in `:port`.
 */
export class AddressPolicy {
  readonly #names: NameRule[] = [];
  readonly #addresses: AddressRule[] = [];

  /** @throws TypeError for a grant that is none of these forms. */
  constructor(allow: readonly string[] = []) {
    for (const grant of allow) this.#add(grant);
  }

  /** No URL may be asked. */
  get grantsNothing(): boolean {
    return this.#names.length === 0 && this.#addresses.length === 0;
  }

  /** Why a URL must not be asked; undefined where it may. Its name still has to be resolved. */
  refusalOfUrl(url: URL): Refusal | undefined {
    const port = url.port || DEFAULT_PORTS[url.protocol];
    if (port === undefined) return badUrl(`only http: and https: can be asked, not ${url.protocol}`);
    if (url.username || url.password) return badUrl('a URL with credentials cannot be asked');
    const host = hostOf(url);
    const address = parseAddress(host);
    if (address) return this.#refusalOfAddress(address, host, port, this.#allowsAnyName(port));
    if (this.#names.some((rule) => matchesName(rule, host, port))) return undefined;
    const atOthers = this.#names.filter((rule) => matchesName({ ...rule, port: undefined }, host, port));
    return notGranted('host', host, port, atOthers);
  }

  /** Why this address of a granted name must not be connected to; undefined where it may. */
  refusalOfAddress(hostname: string, address: string, port: string): Refusal | undefined {
    const parsed = parseAddress(address);
    if (!parsed) return prohibited(`"${hostname}" has an address that cannot be read`);
    if (isLoopback(parsed) && this.#grantsLocalhost(bareName(hostname), port)) return undefined;
    return this.#refusalOfAddress(parsed, hostname, port, true);
  }

  #refusalOfAddress(address: Address, host: string, port: string, publicIsFine: boolean): Refusal | undefined {
    if (this.#addresses.some((rule) => matchesAddress(rule, address, port))) return undefined;
    const atOthers = this.#addresses.filter((rule) => matchesAddress({ ...rule, port: undefined }, address, port));
    if (!isPublic(address) && atOthers.length === 0)
      return prohibited(`"${host}" leads to an address that is not public; only a grant of that address allows it`);
    return isPublic(address) && publicIsFine ? undefined : notGranted('address', host, port, atOthers);
  }

  #allowsAnyName(port: string): boolean {
    return this.#names.some((rule) => rule.isWildcard && rule.name === '' && fits(rule.port, port));
  }

  #grantsLocalhost(host: string, port: string): boolean {
    return host === 'localhost' && this.#names.some((rule) => !rule.isWildcard && matchesName(rule, host, port));
  }

  #add(grant: string): void {
    const text = String(grant).trim().toLowerCase();
    if (ipaddr.isValidCIDR(text)) {
      const [network, prefixLength] = ipaddr.parseCIDR(text);
      this.#addresses.push({ network, prefixLength, port: undefined });
      return;
    }
    if (text === '*') {
      this.#names.push({ name: '', isWildcard: true, port: undefined });
      return;
    }
    const isWildcard = text.startsWith('*.');
    const { host, port } = splitPort(isWildcard ? text.slice(2) : text, grant);
    const address = parseAddress(host);
    if (address && isWildcard) throw badGrant(grant);
    if (address) this.#addresses.push({ network: address, prefixLength: address.kind() === 'ipv4' ? 32 : 128, port });
    else this.#names.push({ name: host, isWildcard, port });
  }
}

function splitPort(text: string, grant: string): { host: string; port: string | undefined } {
  if (ipaddr.IPv6.isValid(text)) return { host: text, port: undefined };
  // The URL parser is what requests go through: it alone decides what "127.1" or an international name means.
  if (!URL.canParse(`http://${text}/`) || /[/?#@\s*]/.test(text) || text === '') throw badGrant(grant);
  const port = /:(\d+)$/.exec(text)?.[1];
  return { host: hostOf(new URL(`http://${text}/`)), port: port === undefined ? undefined : String(Number(port)) };
}

function badGrant(grant: string): TypeError {
  return new TypeError(
    `Expected "http.allow" to hold host names, "*.domain", "*", addresses or ranges, got ${JSON.stringify(grant)}.`,
  );
}

/** What is granted at another port is told with that: it stands in "hosts", and nobody would see why it does not do. */
function notGranted(
  what: 'host' | 'address',
  host: string,
  port: string,
  atOthers: readonly { readonly port: string | undefined }[],
): Refusal {
  const ports = [...new Set(atOthers.map((rule) => rule.port))];
  const written = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const reason =
    ports.length === 0
      ? `the ${what} "${host}" is not granted; add it to "hosts"`
      : `the ${what} "${host}" is granted at port ${ports.join(', ')} alone, not at ${port}; add "${written}" to "hosts"`;
  return { kind: 'denied', reason };
}

function badUrl(reason: string): Refusal {
  return { kind: 'bad-url', reason };
}

function prohibited(reason: string): Refusal {
  return { kind: 'prohibited-address', reason };
}

/** The host of a URL without the brackets of IPv6 and without the dot that ends a full name. */
function hostOf(url: URL): string {
  return bareName(url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname);
}

function bareName(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

/** An IPv4 address that is written as IPv6 counts as what it is. */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv6.isValid(text)) return ipaddr.process(text);
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  // ipaddr.js calls everything unicast that it has no name for; of IPv6, only 2000::/3 is in use as such.
  if (address.kind() === 'ipv6') return (address as ipaddr.IPv6).match(GLOBAL_UNICAST as [ipaddr.IPv6, number]);
  return address.toString() !== AZURE_METADATA;
}

function isLoopback(address: Address): boolean {
  return address.range() === 'loopback';
}

function matchesName(rule: NameRule, host: string, port: string): boolean {
  if (!fits(rule.port, port)) return false;
  if (!rule.isWildcard) return rule.name === host;
  return rule.name === '' || host.endsWith(`.${rule.name}`);
}

function matchesAddress(rule: AddressRule, address: Address, port: string): boolean {
  const { network, prefixLength } = rule;
  return network.kind() === address.kind() && address.match([network, prefixLength] as never) && fits(rule.port, port);
}

function fits(rulePort: string | undefined, port: string): boolean {
  return rulePort === undefined || rulePort === port;
}
