import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CLIENTS } from '../../packages/gateway/test/zoo/real-clients.ts';
import { cache } from './install.mjs';
import { SERVERS } from './table.mjs';

const file = join(cache, 'results.json');

/** The results of this run, and of servers and clients that it left out those of the last run that had them. */
export function withEarlier(now) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { rows: [], missing: [], clients: [] };
  const isNew = new Set([...now.rows, ...now.missing].map(({ server }) => server.id));
  const pinned = new Map(SERVERS.map(({ id, version }) => [id, version]));
  const kept = ({ server }) => !isNew.has(server.id) && pinned.get(server.id) === server.version;
  const clients = now.clients.map(clientSummary);
  const order = SERVERS.map(({ id }) => id);
  const rows = [...before.rows.filter(kept), ...now.rows.map(summary)];
  const results = {
    rows: rows.sort((a, b) => order.indexOf(a.server.id) - order.indexOf(b.server.id)),
    missing: [...before.missing.filter(kept), ...now.missing],
    clients: CLIENTS.flatMap((client) => {
      const of = (row) => isDeepStrictEqual(row.client, namesOf(client));
      return clients.find(of) ?? before.clients.find(of) ?? [];
    }),
  };
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, JSON.stringify(results));
  return results;
}

/** Whether every server of the table, and the clients, have a result. */
export function isWhole({ rows, missing, clients }) {
  const known = new Set([...rows, ...missing].map(({ server }) => server.id));
  return clients.length === CLIENTS.length && SERVERS.every(({ id }) => known.has(id));
}

function summary({ key, server, installed, transport, direct, ways, failed }) {
  const { id, package: name, version, language, needs, own } = server;
  return {
    key,
    server: { id, package: name, version, language, needs, own },
    sdk: installed.sdk,
    transport,
    failed,
    counts: direct?.legacy?.[0].counts,
    speaksModern: direct?.modern !== undefined,
    ways: ways.map(({ steps, calls, justified, failures }) => ({ steps, calls, justified, failures: failures.length })),
  };
}

function clientSummary({ client, failed, steps = 0, justified = {}, failures }) {
  return { client: namesOf(client), failed, steps, justified, failures: failures.length };
}

function namesOf({ name, version, transport, era }) {
  return { name, version, transport, era };
}
