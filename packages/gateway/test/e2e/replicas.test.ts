import { guardGuest } from '@lockgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockgateFile } from '../../src/config/schema.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { redisCommands } from '../state/redis/redis-commands.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { serveData } from './data-server.ts';
import { moduleFiles, servedGateway } from './guarded-files.ts';

let redis: RedisServer;
let data: Awaited<ReturnType<typeof serveData>>;
let count = 0;

beforeAll(async () => {
  if (noRedis !== undefined) return;
  redis = await RedisServer.start('--appendonly', 'yes');
  data = await serveData();
});
afterAll(async () => {
  await data?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const SECRET = { secrecy: ['private'], integrity: [] };
const guard = (): Uint8Array =>
  guardGuest({
    answers: {
      label_agent: { agent: SECRET, difc_mode: 'propagate' },
      label_resource: { resource: { description: '', ...SECRET }, operation: 'read' },
    },
  });

/** Gateways of one configuration over one Redis. */
async function replicas(number: number, more: Partial<LockgateFile> = {}) {
  await using opening = new AsyncDisposableStack();
  count += 1;
  const state = { redis: { url: redis.url, prefix: `replicas ${count}:` } };
  const config = {
    gateway: { listen: '127.0.0.1:0', state },
    guards: { labels: { path: moduleFiles({ guard: guard() }).guard } },
    mcpServers: { data: { url: data.url, guard: 'labels' }, web: { url: data.url } },
    ...more,
  } as LockgateFile;
  const served = [];
  for (let index = 0; index < number; index += 1) served.push(opening.use(await servedGateway(config)));
  const owned = opening.move();
  return { urls: served.map(({ url }) => url), served, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Headers = Record<string, string>;

/** A call in a session, at whichever gateway; what it answers, as text. */
async function callIn(url: string, headers: Headers, name: string, args: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body: callFrame('legacy', '1', name, args) });
  return (await framesOf(response)).at(-1) ?? '';
}

async function callModern(url: string, name: string, args: string): Promise<string> {
  const body = callFrame('modern', '1', name, args);
  return (await framesOf(await fetch(url, { method: 'POST', headers: modernHeaders(name), body }))).at(-1) ?? '';
}

const status = async (url: string, method: string, headers: Headers): Promise<number> => {
  const body = method === 'POST' ? '{"jsonrpc":"2.0","id":1,"method":"ping"}' : null;
  const response = await fetch(url, { method, headers, body });
  await response.text();
  return response.status;
};

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(setImmediate);
}

const give = JSON.stringify({ data: '"given"' });

describe.skipIf(noRedis !== undefined)('gateways that share their state', () => {
  test('a session goes on at each of them, also when the one that began it has closed, and ends at all', async () => {
    await using it = await replicas(3);
    const [one, two, three] = it.urls as [string, string, string];
    const headers = await beginSession(one);
    for (const url of it.urls) expect(await callIn(url, headers, 'web__give', give)).toContain('given');
    await it.served[0]?.gateway.close();
    expect(await callIn(two, headers, 'web__give', give)).toContain('given');
    expect(await status(three, 'DELETE', headers)).toBe(200);
    await until(async () => (await status(two, 'POST', headers)) === 404);
    expect(await status(three, 'POST', headers)).toBe(404);
    const left = await redis.control.keys(`replicas ${count}:r:*`);
    expect(left.filter((key) => !key.includes(':r:replica:'))).toEqual([]);
  });

  test('what an agent has read at one of them holds at the others, with a session and without', async () => {
    await using it = await replicas(2);
    const [one, two] = it.urls as [string, string];
    const headers = await beginSession(one);
    expect(await callIn(two, headers, 'web__give', give)).toContain('given');
    expect(await callIn(one, headers, 'data__give', give)).toContain('given');
    expect(await callIn(two, headers, 'web__give', give)).toMatch(/Denied.*private/);
    expect(await callModern(two, 'data__give', give)).toContain('given');
    expect(await callModern(one, 'web__give', give)).toMatch(/Denied.*private/);
  });

  test('a call whose labels or count decide asks Redis once, in each era, and one that needs neither never', async () => {
    const limits = { many: { calls: 100, per: 'day', tools: ['limited/*'] } } as never;
    const limited = { url: data.url };
    await using labelled = await replicas(1, {
      mcpServers: {
        data: { url: data.url, guard: 'labels', 'tool-call-limits': { read: 9 } },
        web: { url: data.url },
      } as never,
    });
    await using other = await replicas(1, { guards: {}, mcpServers: { limited, web: limited }, limits });
    const none = {};
    const kinds = [
      { at: other, name: 'web__give', asks: none },
      { at: other, name: 'limited__give', asks: { evalsha: 1 } },
      // All of one call are sent at once: one round trip.
      { at: labelled, name: 'data__give', asks: { evalsha: 1 } },
      { at: labelled, name: 'web__give', asks: { evalsha: 1 } },
      { at: labelled, name: 'data__read', asks: { evalsha: 2 } },
    ];
    data.gate.open();
    for (const { at, name, asks } of kinds) {
      const [url = ''] = at.urls;
      const headers = await beginSession(url);
      const calls = { legacy: () => callIn(url, headers, name, give), modern: () => callModern(url, name, give) };
      for (const [era, call] of Object.entries(calls)) {
        await call();
        let answered = '';
        const counted = async () => {
          const asked = await redisCommands(redis, async () => {
            answered = await call();
          });
          return { name, era, asked, answered };
        };
        // News of what has been opened or ended before may still be on its way at first.
        await expect.poll(counted).toEqual({ name, era, asked: asks, answered: expect.stringContaining('"result"') });
      }
    }
  });

  test('a session whose record somebody has damaged is refused where it has to be read, with what helps, and goes on where it is known', async () => {
    await using it = await replicas(2);
    const [one, two] = it.urls as [string, string];
    const headers = await beginSession(one);
    const [key = ''] = await redis.control.keys(`replicas ${count}:r:session:*`);
    for (const damaged of ['x\n{"id":1}', 'x\nno JSON', 'no line']) {
      await redis.control.set(key, damaged);
      const refused = await fetch(two, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
      expect([refused.status, await refused.text()]).toEqual([
        503,
        expect.stringMatching(/"session\W+ cannot be read.*Start a new session/),
      ]);
      expect(await status(one, 'POST', headers)).toBe(200);
    }
  });

  test('labels of a session outlive its record, and nothing of it stays for ever', async () => {
    await using it = await replicas(2);
    const [one, two] = it.urls as [string, string];
    const headers = await beginSession(one);
    await callIn(two, headers, 'data__give', give);
    const of = async (kind: string): Promise<number> => {
      const [key = ''] = await redis.control.keys(`replicas ${count}:r:${kind}:*`);
      return redis.control.pttl(key);
    };
    const [session, labels] = [await of('session'), await of('labels')];
    expect(session).toBeGreaterThan(0);
    expect(labels).toBeGreaterThan(session + 1_000);
  });

  test('an emptied Redis ends sessions, and makes no caller without one new until the operator does', async () => {
    await using it = await replicas(2);
    const [one, two] = it.urls as [string, string];
    const headers = await beginSession(one);
    for (const url of it.urls) await callIn(url, headers, 'data__give', give);
    await callModern(one, 'data__give', give);
    await redis.control.flushall();
    expect(await callModern(two, 'web__give', give)).toMatch(/"labels\W+ is gone/);
    expect(await callIn(one, headers, 'web__give', give)).toMatch(/"labels\W+ is gone/);
    for (const url of it.urls) expect(await status(url, 'POST', headers)).toBe(404);
    expect(await callIn(two, await beginSession(two), 'web__give', give)).toMatch(/"labels\W+ is gone/);
    expect(await it.served[1]?.gateway.resetCaller('anonymous')).toBe(true);
    for (const url of it.urls) {
      expect(await callModern(url, 'web__give', give)).toContain('given');
      expect(await callIn(url, await beginSession(url), 'web__give', give)).toContain('given');
    }
  });
});
