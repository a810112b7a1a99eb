import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../access/request-guard.ts';
import type { GatewaySection } from '../config/gateway-section.ts';

/** How a browser reached the gateway. */
export interface Reached {
  /** `https` where the browser says so to itself: by the gateway's own TLS, or a proxy at "publicUrl". */
  readonly scheme: 'http' | 'https';
  /** The origin of the console's own page there. */
  readonly origin: string;
  /** Name of the session's cookie. Cookies are not told apart by ports, so a plain one has it in its name. */
  readonly cookie: string;
  /** Name of the cookie of somebody who signs in at the provider just now. */
  readonly pendingCookie: string;
}

/** How this request came; undefined where a cookie would travel unprotected: over plain http to another name than this machine's own. */
export function reachedBy(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { tls, publicUrl, listen }: Pick<GatewaySection, 'tls' | 'publicUrl' | 'listen'>,
): Reached | undefined {
  const host = headers.host?.trim().toLowerCase() ?? '';
  const shown = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (shown?.protocol === 'https:' && (host === shown.host || !isThisMachine(host))) {
    return { scheme: 'https', origin: shown.origin, ...SECURE };
  }
  if (tls) return { scheme: 'https', origin: `https://${host}`, ...SECURE };
  if (!isThisMachine(host)) return undefined;
  const port = /:(\d+)$/.exec(host)?.[1] ?? /(\d+)$/.exec(listen)?.[1] ?? '80';
  const cookies = { cookie: `lockgate-console-${port}`, pendingCookie: `lockgate-sign-in-${port}` };
  return { scheme: 'http', origin: `http://${host}`, ...cookies };
}

const SECURE = { cookie: '__Host-lockgate-console', pendingCookie: '__Host-lockgate-sign-in' } as const;

/** The id in the cookie of this name. Of two the first counts: a browser sends the one with the longer path first. */
export function readCookie({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  for (const part of headers.cookie?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * `Set-Cookie` for a cookie of this name.
 *
 * @param value - Empty ends it.
 */
export function writeCookie({ scheme, cookie }: Reached, name: string, value: string, maxAgeSeconds: number): string {
  // The session is asked for by the pages at which people log in to servers; and browsers take __Host- for the whole host only.
  const path = scheme === 'https' || name === cookie ? '/' : '/console';
  const attributes = [`Path=${path}`, 'HttpOnly', 'SameSite=Strict', `Max-Age=${value === '' ? 0 : maxAgeSeconds}`];
  if (scheme === 'https') attributes.push('Secure');
  return [`${name}=${value}`, ...attributes].join('; ');
}

function isThisMachine(host: string): boolean {
  return isLoopback(host.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
}
