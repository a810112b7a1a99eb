import { readFileSync } from 'node:fs';
import type { Figure } from '../figure.ts';
import { checkouts, startLockgate } from '../subjects/lockgate.ts';
import { startRedis } from '../subjects/redis.ts';
import { type ServerProcess, temporaryFolder } from '../subjects/server-process.ts';

const HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const INITIALIZE =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}';
const AT_ONCE = 16;

async function begin(url: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body: INITIALIZE });
  await response.text();
  if (response.status !== 200) throw new Error(`a session was not begun: ${response.status}`);
}

async function beginMany(url: string, count: number): Promise<void> {
  for (let begun = 0; begun < count; begun += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, () => begin(url)));
}

function residentKiB({ pid }: ServerProcess): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

const figures: readonly Figure[] = [
  {
    name: 'gateway-sessions: memory of a gateway for an open session that shares its state in Redis, against one that does not',
    unit: 'KiB/session',
    setup: async ({ quick }) => {
      await using opening = new AsyncDisposableStack();
      const folder = opening.use(await temporaryFolder());
      const redis = opening.use(await startRedis(folder.path));
      const [{ main }] = checkouts(undefined);
      const sessions = quick ? 1_600 : 16_000;
      const grown = async (state: object): Promise<number> => {
        const gateway = { limits: { maxSessions: 3 * sessions }, console: false, ...state };
        await using process = await startLockgate(main, folder.path, {}, gateway);
        while (
          !(await fetch(process.url).then(
            () => true,
            () => false,
          ))
        );
        // The first ones fill what is there anyway.
        await beginMany(process.url, sessions);
        const before = residentKiB(process);
        await beginMany(process.url, sessions);
        return (residentKiB(process) - before) / sessions;
      };
      const owned = opening.move();
      return {
        baseline: () => grown({}),
        subject: () => grown({ state: { redis: { url: redis.url } } }),
        note: 'resident memory that grows while as many sessions again are begun, none of which does anything; a GiB has room for 1,048,576 divided by it',
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  },
];

export default figures;
