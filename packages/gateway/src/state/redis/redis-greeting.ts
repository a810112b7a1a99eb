import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectWithTls } from 'node:tls';
import type { RedisTls } from './redis-tls.ts';

/** How long a server may take to say why it refuses whoever connects, in milliseconds. */
const GREETING_MS = 500;

const REFUSALS = [
  {
    says: /^-DENIED /,
    reason:
      'DENIED: it runs in protected mode, in which a Redis without a password refuses other machines; give it a password ("requirepass") and write that in the url, or start it with --protected-mode no where nobody else reaches it',
  },
  {
    says: /^-ERR max number of clients/,
    reason: 'it has as many clients as its "maxclients" allows; raise that, or end some',
  },
] as const;

/** Why a server ends connections at once, which it says before it is asked anything, and the client library passes over; undefined where it does not. */
export async function refusalInGreeting(url: string, tls: RedisTls | undefined): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const at = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || 6379 };
  const socket = tls ? connectWithTls({ ...at, ...tls, servername: at.host }) : connect(at);
  try {
    const [said] = await once(socket, 'data', { signal: AbortSignal.timeout(GREETING_MS) });
    return REFUSALS.find(({ says }) => says.test(String(said)))?.reason;
  } catch {
    return undefined;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}
