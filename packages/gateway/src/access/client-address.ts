import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { parseNetwork } from '../config/network.ts';

/** Made once for each list, which is kept as long as the configuration. */
const NETWORKS = new WeakMap<readonly string[], BlockList>();

/**
 * From where a request comes: what the nearest of the trusted proxies says, or whoever has connected. What stands further left in
 * `X-Forwarded-For` than the last proxy that is not trusted is anybody's word.
 */
export function clientAddress(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: readonly string[],
): string {
  let address = plain(socket.remoteAddress ?? '');
  if (trustedProxies.length === 0) return address;
  const trusted = networksOf(trustedProxies);
  const before = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map(plain);
  while (isTrusted(address, trusted)) {
    const next = before.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  return address;
}

function networksOf(trustedProxies: readonly string[]): BlockList {
  const known = NETWORKS.get(trustedProxies);
  if (known) return known;
  const networks = new BlockList();
  for (const text of trustedProxies) {
    const network = parseNetwork(text);
    if (network) networks.addSubnet(network.address, network.bits, network.family);
  }
  NETWORKS.set(trustedProxies, networks);
  return networks;
}

function isTrusted(address: string, networks: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** Without a port, brackets, and the form that IPv4 has in IPv6. */
function plain(text: string): string {
  const address = text
    .trim()
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '');
  return address.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
}
