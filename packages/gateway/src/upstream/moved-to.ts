import { UpstreamRefusedError } from '../errors.ts';

/** The statuses with which a POST stays one. Source: RFC 9110, sections 15.4.8 and 15.4.9. */
const SAME_REQUEST: readonly number[] = [307, 308];

/**
 * Where a server that has refused a request leads to, as one that is mounted at `/mcp/` does from `/mcp`: clients follow it.
 * Undefined where that is another host, which is for the operator to trust, or a way out of TLS.
 */
export function movedTo(url: URL, refusal: unknown): URL | undefined {
  if (!(refusal instanceof UpstreamRefusedError)) return undefined;
  const { status, location } = refusal.facts;
  if (!SAME_REQUEST.includes(status) || location === undefined || !URL.canParse(location, url)) return undefined;
  const moved = new URL(location, url);
  const isUpgrade = url.protocol === 'http:' && moved.protocol === 'https:' && moved.hostname === url.hostname;
  return moved.href !== url.href && (moved.origin === url.origin || isUpgrade) ? moved : undefined;
}
