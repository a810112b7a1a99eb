import { readFileSync } from 'node:fs';

const table = JSON.parse(
  readFileSync(new URL('../../packages/gateway/test/zoo/servers.json', import.meta.url), 'utf8'),
);

/** Everything that is pinned, one entry for each server: what `servers.json` says of it, with its `id` and its registry. */
export const SERVERS = ['npm', 'pypi'].flatMap((from) =>
  Object.entries(table[from]).map(([id, entry]) => ({ id, from, args: [], ...entry })),
);

/** The day up to which dependencies of dependencies are taken: what they were when the table was last looked over. */
export const BEFORE = table.before;

/** @throws Error that names the ids which are not in the table. */
export function select(ids) {
  const unknown = ids.filter((id) => !SERVERS.some((server) => server.id === id));
  if (unknown.length > 0)
    throw new Error(`not in the table: ${unknown.join(', ')}; \`npm run zoo -- --list\` shows all`);
  return ids.length === 0 ? SERVERS : SERVERS.filter(({ id }) => ids.includes(id));
}
