import { isProgram } from '../config/servers-section.ts';
import { describeHolder, SHARED } from '../login/holder.ts';
import { LoginFaultError } from '../login/login-fault.ts';
import type { LoginView } from '../login/logins.ts';
import { accountable } from './accountable.ts';
import type { Connection, ConnectionBegun, ConnectionList, ConnectionMade, Disconnected } from './api.ts';
import { ApiFailure, badRequest } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';

/** An address of this machine, where the program that asks waits for the browser. */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):\d{1,5}\/[\w/-]*$/;

/** Logins to the servers behind the gateway: what there is, its end, and one for all callers from the machine itself. */
export function connectionHandlers({
  logins: { logins },
  config,
  observer,
}: Pick<ConsoleSources, 'logins' | 'config' | 'observer'>): readonly ApiHandler[] {
  const holderAt = (server: string): string => {
    const entry = Object.hasOwn(config().mcpServers, server) ? config().mcpServers[server] : undefined;
    if (!entry) throw new ApiFailure(404, 'NOT_FOUND', `The configuration has no server "${server}"`);
    if (isProgram(entry) || entry.credential === 'shared') return SHARED;
    throw new ApiFailure(409, 'CANNOT', `Each caller has a login of its own at "${server}"`, {
      remedy: 'Call a tool of it as that caller: the answer has the address at which it logs in',
    });
  };
  return [
    {
      method: 'GET',
      path: 'connections',
      role: 'viewer',
      handle: async (): Promise<ConnectionList> => ({ connections: (await logins.list()).map(toConnection) }),
    },
    {
      method: 'POST',
      path: 'connections/disconnect',
      role: 'operator',
      handle: async ({ body, visitor }): Promise<Disconnected> => {
        const server = textOf(body, 'server');
        const holder = textOf(body, 'holder');
        const { wasThere, isRevoked } = await accountable(
          observer,
          { by: visitor.name, action: 'disconnect', server },
          () => toldFault(() => logins.disconnect(server, holder)),
        );
        if (!wasThere) return { message: 'There was no login.' };
        const how = isRevoked
          ? 'and revoked at the authorization server'
          : 'but could not be revoked at the authorization server';
        return { message: `The login is forgotten, ${how}.` };
      },
    },
    {
      method: 'POST',
      path: 'connections/begin',
      role: 'operator',
      isLocal: true,
      handle: async ({ body }): Promise<ConnectionBegun> => {
        const server = textOf(body, 'server');
        const redirectUri = textOf(body, 'redirectUri');
        if (!LOOPBACK.test(redirectUri)) throw badRequest('"redirectUri" is an address of this machine, by number');
        const { url, host, scopes } = await toldFault(() => logins.begin(server, holderAt(server), { redirectUri }));
        return { url, host, scopes };
      },
    },
    {
      method: 'POST',
      path: 'connections/finish',
      role: 'operator',
      isLocal: true,
      handle: ({ body, visitor }): Promise<ConnectionMade> =>
        accountable(observer, { by: visitor.name, action: 'connect' }, () =>
          toldFault(() => logins.finish(new URLSearchParams(textOf(body, 'answer')), undefined)),
        ),
    },
  ];
}

function toConnection({ holder, issuer, scopes, loggedInAt, expiresAt, ...view }: LoginView): Connection {
  return {
    ...view,
    holder,
    of: describeHolder(holder),
    ...(issuer !== undefined && { issuer }),
    ...(scopes && { scopes }),
    ...(loggedInAt !== undefined && { loggedInAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function textOf(body: unknown, key: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[key];
  if (typeof value !== 'string' || value === '') throw badRequest(`"${key}" is missing, or no text`);
  return value;
}

async function toldFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LoginFaultError) throw new ApiFailure(409, error.code, error.message);
    throw error;
  }
}
