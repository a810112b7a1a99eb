import type { RefusalHints } from '../refused-status.ts';
import type { Refusal } from './server-link.ts';

/** How servers say on a port of TLS that they were spoken to without: nginx, Go, Apache. */
const PLAIN_ON_TLS =
  /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled/i;

/** What a refusal says besides its status. Source of the challenge: MCP specification, "Authorization"; RFC 9728. */
export function refusalHints({ status, headers = {}, body, isGuest }: Refusal): RefusalHints {
  return {
    isGuest,
    wantsLogin: status === 401 && /\bresource_metadata=/i.test(String(headers['www-authenticate'] ?? '')),
    speaksTls: status === 400 && PLAIN_ON_TLS.test(body.toString('latin1')),
    retryAfterSeconds: status === 429 || status === 503 ? secondsIn(headers['retry-after']) : undefined,
    location: status >= 300 && status < 400 ? openPart(headers.location) : undefined,
  };
}

/** An address without user, query and fragment, which may be secret. */
function openPart(location: string | undefined): string | undefined {
  if (location === undefined || location === '') return undefined;
  if (location.startsWith('/')) return location.replace(/[?#].*$/s, '');
  if (!URL.canParse(location)) return undefined;
  const { origin, pathname } = new URL(location);
  return origin === 'null' ? undefined : origin + pathname;
}

/** A date, which the header may be as well, would be compared with a clock that is not the server's. */
function secondsIn(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}
