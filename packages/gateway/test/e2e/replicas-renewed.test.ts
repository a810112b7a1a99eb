import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginSession, callFrame, framesOf } from '../fixtures/raw-client.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { LockgateProcess } from './lockgate-process.ts';

const program = fileURLToPath(new URL('../fixtures/waiting-program.ts', import.meta.url));

let redis: RedisServer;

beforeAll(async () => {
  if (noRedis === undefined) redis = await RedisServer.start();
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

// A client that can be asked has a connection of its own at the gateway where its session began: the other one passes its calls there.
describe.skipIf(noRedis !== undefined)('where Redis ends the connections over which gateways hear each other', () => {
  test('what was passed is answered, what comes next is passed, and the session stays where it is', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lockgate-renewed-'));
    const [began, ends] = [join(folder.path, 'began'), join(folder.path, 'ends')];
    const start = (): Promise<LockgateProcess> =>
      LockgateProcess.start({
        config: {
          gateway: { listen: '127.0.0.1:0', state: { redis: { url: redis.url, prefix: 'renewed:' } } },
          mcpServers: { own: { command: process.execPath, args: [program], env: { WAITS: began, ENDS: ends } } },
        },
      });
    await using home = await start();
    await using other = await start();
    const url = await other.url();
    const headers = await beginSession(await home.url(), '{"elicitation":{}}');
    const call = async (id: string, tool: string) =>
      (await framesOf(await fetch(url, { method: 'POST', headers, body: callFrame('legacy', id, tool, '{}') }))).at(-1);
    const waiting = call('1', 'own__wait');
    while (!existsSync(began)) await new Promise(setImmediate);
    const sessions = () => redis.control.keys('renewed:r:session*').then((keys) => redis.control.mget(keys));
    const homeOf = (record: string | null | undefined) => /"attachedTo":"\w+"/.exec(record ?? '')?.[0];
    const [before] = await sessions();
    await redis.control.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await writeFile(ends, '');
    const next = await Promise.all(['2', '3', '4'].map((id) => call(id, 'own__write')));
    for (const answer of [...next, await waiting]) expect(answer).toContain('"text":"done"');
    expect(homeOf(before)).toBeDefined();
    expect((await sessions()).map(homeOf)).toEqual([homeOf(before)]);
  });
});
