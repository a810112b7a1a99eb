import type { IncomingMessage } from 'node:http';
import type { Principal } from '../access/principal.ts';
import type { GatewaySection } from '../config/gateway-section.ts';
import type { ConsoleSessions } from './console-sessions.ts';
import { reachedBy, readCookie } from './session-cookie.ts';

/** Who is signed in with this browser, as the gateway knows them elsewhere; undefined where nobody is. */
export function consoleUser(
  request: IncomingMessage,
  gateway: GatewaySection,
  sessions: ConsoleSessions,
): Principal | undefined {
  const reached = reachedBy(request, gateway);
  const used = reached && sessions.use(readCookie(request, reached.cookie));
  if (!used) return undefined;
  const { role, caller } = used.identity;
  return { kind: 'principal', name: caller.name, how: (caller.how ?? 'none') as Principal['how'], admin: role };
}
