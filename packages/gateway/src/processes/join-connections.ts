import type { Connection, ConnectionList } from '../console/api.ts';
import type { Said } from './asked-processes.ts';

/** The logins of all processes: once where all that know of it say the same, and else each with the processes that say so. */
export function joinConnections(processes: readonly Said<ConnectionList>[]): ConnectionList {
  const all = processes.flatMap(({ number, value }) => value.connections.map((connection) => ({ number, connection })));
  const byLogin = Map.groupBy(all, ({ connection: { server, holder } }) => JSON.stringify([server, holder]));
  const connections = [...byLogin.values()].flatMap((same): Connection[] => {
    const byState = [...Map.groupBy(same, ({ connection }) => connection.state).values()];
    return byState.map((alike) => {
      const { connection } = alike[0] as (typeof all)[number];
      if (byState.length === 1) return connection;
      return { ...connection, of: `${connection.of} (process ${alike.map(({ number }) => number).join(', ')})` };
    });
  });
  return { connections };
}
