import { existsSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
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

const start = (waits = ''): Promise<LockgateProcess> =>
  LockgateProcess.start({
    config: {
      gateway: { listen: '127.0.0.1:0', state: { redis: { url: redis.url, prefix: 'killed:' } } },
      mcpServers: { own: { command: process.execPath, args: [program], env: { WAITS: waits } } },
    },
  });

// A client that can be asked has a connection of its own at the gateway where its session began, which is killed.
describe.skipIf(noRedis !== undefined)('where the gateway that holds a session is killed', () => {
  test('calls that come afterwards are done by another one at once', async () => {
    await using home = await start();
    await using other = await start();
    const url = await other.url();
    const headers = await beginSession(await home.url(), '{"elicitation":{}}');
    const call = async (id: string) =>
      (
        await framesOf(await fetch(url, { method: 'POST', headers, body: callFrame('legacy', id, 'own__write', '{}') }))
      ).at(-1);
    expect(await call('1')).toContain('"text":"done"');
    await home.stop('SIGKILL');
    expect(await call('2')).toContain('"text":"done"');
    // Its record is there: nobody has waited for that to end.
    const records = await redis.control.keys('killed:r:replica:*');
    expect(records).toHaveLength(2);
  });

  test.each([
    ['that only read are done by another one', 'own__read', /"text":"done"/],
    ['that may have been done end with an error', 'own__write', /whether it was done is not known/],
  ] as const)('calls that ran there and %s', async (_, tool, answer) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lockgate-killed-'));
    const began = join(folder.path, 'began');
    await using home = await start(began);
    await using other = await start();
    const url = await other.url();
    const headers = await beginSession(await home.url(), '{"elicitation":{}}');
    const answered = fetch(url, { method: 'POST', headers, body: callFrame('legacy', '1', tool, '{}') }).then(framesOf);
    while (!existsSync(began)) await new Promise(setImmediate);
    await home.stop('SIGKILL');
    expect((await answered).at(-1)).toMatch(answer);
  });
});
