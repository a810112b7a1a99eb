import { isIP } from 'node:net';
import { type GatewaySection, parseListen } from '../config/gateway-section.ts';
import type { ReceivedRequest } from '../transport/http-contract.ts';
import { type Denial, deny } from './principal.ts';

export interface RequestGuard {
  /** Null for a request that may go on; Host and Origin are judged, and the announced length of the body. */
  check(request: Pick<ReceivedRequest, 'headers' | 'rawHeaders'>): Denial | null;
  /** What a page of an allowed origin needs to read the answer; empty for requests that come from no page. */
  corsHeaders(request: Pick<ReceivedRequest, 'headers'>): Readonly<Record<string, string>>;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Keeps web pages out that reach the gateway by a name of their own (DNS rebinding) or from a foreign origin.
 * Source: MCP specification, "Transports", security warning; GHSA-m873-hg53-85r5.
 */
export function createRequestGuard(
  gateway: Pick<GatewaySection, 'listen' | 'publicUrl' | 'allowedHosts' | 'allowedOrigins' | 'limits'>,
): RequestGuard {
  const { host: bound } = parseListen(gateway.listen) ?? { host: '127.0.0.1' };
  const anyAddress = bound === '0.0.0.0' || bound === '::';
  const names = new Set([...LOOPBACK, bound, ...gateway.allowedHosts].map((name) => name.toLowerCase()));
  if (gateway.publicUrl !== undefined) names.add(new URL(gateway.publicUrl).hostname.toLowerCase());
  const origins = new Set(gateway.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  const { maxBodyBytes } = gateway.limits;

  // A page needs a name to rebind, so a bare address is safe where the gateway listens on all of them.
  const knownName = (name: string): boolean => names.has('*') || names.has(name) || (anyAddress && isIP(name) !== 0);
  const knownOrigin = (origin: string): boolean => {
    if (origins.has('*') || origins.has(origin.toLowerCase())) return true;
    // Nothing but scheme, name and port, as browsers send it: what a URL has besides could lead elsewhere for whoever reads it next.
    const name = hostName(/^https?:\/\/(.+)$/i.exec(origin)?.[1] ?? '');
    return name !== null && names.has(name);
  };

  return {
    check({ headers, rawHeaders }) {
      // Node keeps the first; a proxy in front may have looked at the last.
      if (hasTwoHosts(rawHeaders)) return deny(400, 'host', 'The request has more than one Host header.');
      const name = headers.host === undefined ? null : hostName(headers.host);
      if (name === null) return deny(400, 'host', 'The request has no usable Host header.');
      if (!knownName(name)) {
        return deny(403, 'host', `This gateway does not answer to the name "${name}"; see "gateway.allowedHosts".`);
      }
      if (headers.origin !== undefined && !knownOrigin(headers.origin)) {
        return deny(403, 'origin', 'Pages of this origin may not call the gateway; see "gateway.allowedOrigins".');
      }
      if (Number(headers['content-length'] ?? 0) > maxBodyBytes) return tooLarge(maxBodyBytes);
      return null;
    },
    corsHeaders({ headers }) {
      if (headers.origin === undefined || !knownOrigin(headers.origin)) return {};
      return {
        'access-control-allow-origin': headers.origin,
        'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
        'access-control-allow-headers':
          headers['access-control-request-headers'] ??
          'authorization, content-type, mcp-protocol-version, mcp-session-id, last-event-id, x-api-key',
        'access-control-expose-headers': 'mcp-session-id, mcp-protocol-version, www-authenticate',
        'access-control-max-age': '600',
        vary: 'origin',
      };
    },
  };
}

/** The refusal of a body that is too large. */
export function tooLarge(maxBodyBytes: number): Denial {
  const message = `A request body has at most ${maxBodyBytes} bytes here; see "gateway.limits.maxBodyBytes".`;
  return deny(413, 'body-size', message, { connection: 'close' });
}

/** @param rawHeaders - Names and values in turn. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}

/** The lower-case name of `name:port`, `[v6]:port` or either without port; null where it is none of them. */
function hostName(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host.trim());
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}
