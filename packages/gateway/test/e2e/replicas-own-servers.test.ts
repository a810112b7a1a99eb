import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginSession, callFrame, framesOf, modernHeaders, openOldSse } from '../fixtures/raw-client.ts';
import { rawRequest } from '../fixtures/raw-request.ts';
import { redisCommands } from '../state/redis/redis-commands.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { connect, textOf } from './clients.ts';
import { serveData } from './data-server.ts';
import { connectInTurn, openReplicas } from './replicas-in-turn.ts';

const program = fileURLToPath(new URL('../fixtures/task-program.ts', import.meta.url));
const ASKABLE = { elicitation: {}, sampling: {}, roots: {} };

let redis: RedisServer;
let data: Awaited<ReturnType<typeof serveData>>;
let replicas: Awaited<ReturnType<typeof openReplicas>>;

beforeAll(async () => {
  if (noRedis !== undefined) return;
  redis = await RedisServer.start();
  data = await serveData();
  const more = {
    gateway: { answers: { maxResultBytes: 4_000, previewBytes: 500 } },
    mcpServers: { own: { command: process.execPath, args: [program] }, data: { url: data.url } },
  };
  replicas = await openReplicas(2, { url: redis.url, prefix: 'own:' }, more as never, { startWindowMs: 1 });
  const running = () =>
    replicas.served.every(({ gateway }) => gateway.status().upstreams.every(({ state }) => state === 'running'));
  while (!running()) await new Promise(setImmediate);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await data?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

describe.skipIf(noRedis !== undefined)('gateways that each have a program of their own', () => {
  test('ask about a task the one that began it, in both eras', async () => {
    const headers = await beginSession(replicas.urls[0] ?? '');
    const legacy = async (url: string, method: string, params: object) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const frames = await framesOf(await fetch(url, { method: 'POST', headers, body }));
      return JSON.parse(frames.at(-1) ?? '').result;
    };
    const modern = async (url: string, method: string, params: Record<string, unknown>) =>
      (await rawRequest(url, method, params)).body.result;
    for (const ask of [legacy, modern]) {
      for (const began of replicas.urls) {
        const call = { name: 'own__work', arguments: {}, task: { ttl: 1 } };
        const { taskId } = (await ask(began, 'tools/call', call)).task as { taskId: string };
        for (const url of replicas.urls) {
          expect(await ask(url, 'tasks/get', { taskId })).toMatchObject({
            taskId,
            worker: Number.parseInt(taskId, 10),
          });
        }
      }
    }
  });

  test.each(['legacy', 'modern'] as const)('give a client of the %s era what any of them keeps for it', async (era) => {
    await using client = await connectInTurn(replicas.urls, era);
    const long = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => index));
    for (const _ of replicas.urls) {
      const { content } = await client.callTool({ name: 'data__give', arguments: { data: long } });
      const link = (content as { type: string; uri?: string }[]).find(({ type }) => type === 'resource_link');
      for (const _again of replicas.urls) {
        const { contents } = await client.readResource({ uri: link?.uri ?? '' });
        expect(contents[0]).toMatchObject({ text: long });
      }
    }
  });

  test('take what a client of HTTP with SSE sends where its stream is not', async () => {
    const [one = '', two = ''] = replicas.urls;
    await using client = await openOldSse(new URL('/sse', one).href, two);
    const frames = await client.exchange(callFrame('legacy', '3', 'own__plain', '{}'), '3');
    expect(frames.at(-1)).toContain('"text":"plain"');
  });

  test('tell all clients which lists their own programs have changed', async () => {
    const heard: string[] = [];
    const listen = (name: string) => (client: Client) =>
      client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push(name));
    const [one = '', two = ''] = replicas.urls;
    await using _session = await connectInTurn([two], 'legacy', {}, listen('legacy'));
    await using modern = await connectInTurn([two], 'modern', {}, listen('modern'));
    await modern.listen({ toolsListChanged: true });
    await using other = await connect(one, 'legacy');
    await other.callTool({ name: 'own__grow', arguments: {} });
    await expect.poll(() => heard.toSorted(), { timeout: 10_000 }).toEqual(['legacy', 'modern']);
  });

  test('pass nothing on that needs no other one', async () => {
    const { urls } = replicas;
    const headers = await beginSession(urls[0] ?? '');
    const once = async (): Promise<void> => {
      for (const url of urls) {
        const legacy = { headers, body: callFrame('legacy', '1', 'own__plain', '{}') };
        const modern = { headers: modernHeaders('own__plain'), body: callFrame('modern', '1', 'own__plain', '{}') };
        for (const asking of [legacy, modern]) {
          const frames = await framesOf(await fetch(url, { method: 'POST', ...asking }));
          expect(frames.at(-1)).toContain('"text":"plain"');
        }
      }
    };
    await once();
    const five = async (): Promise<void> => {
      for (let count = 0; count < 5; count += 1) await once();
    };
    // News of what other tests have ended may still be on its way at first.
    await expect.poll(() => redisCommands(redis, five)).toEqual({});
    // A client that can be asked has a connection of its own to such a program, at one of them.
    await using askable = await connectInTurn(urls, 'legacy', ASKABLE);
    const passed = await redisCommands(redis, async () => {
      for (const _ of urls) expect(textOf(await askable.callTool({ name: 'own__plain' }))).toBe('plain');
    });
    expect(passed.publish).toBeGreaterThan(0);
  });

  test('give nobody what another session has, whatever ids it names', async () => {
    const [one = '', two = ''] = replicas.urls;
    const [mine, theirs] = [await beginSession(one), await beginSession(two)];
    const begun = await fetch(two, {
      method: 'POST',
      headers: theirs,
      body: callFrame('legacy', '1', 'own__work', '{}'),
    });
    const { taskId } = JSON.parse((await framesOf(begun)).at(-1) ?? '').result.task;
    const [name = ''] = (await redis.control.keys('own:r:replica:*')).map((key) => /[0-9a-f]{12}/.exec(key)?.[0] ?? '');
    const tried: [string, string][] = [
      ['tasks/get', `{"taskId":"${taskId}"}`],
      ['resources/read', `{"uri":"lockgate://answers/${name}-AAAAAAAAAAAAAAAAAAAAAA"}`],
    ];
    for (const url of [one, two]) {
      for (const [method, params] of tried) {
        const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`;
        const frames = await framesOf(await fetch(url, { method: 'POST', headers: mine, body }));
        expect(frames.at(-1)).toContain('"error"');
      }
      const answer = `{"jsonrpc":"2.0","id":"lockgate-${name}-1","result":{}}`;
      expect((await fetch(url, { method: 'POST', headers: mine, body: answer })).status).toBe(202);
      const stream = await fetch(url, { headers: { ...mine, 'last-event-id': `${name}-1.31_1` } });
      expect(stream.status).toBe(400);
    }
  });
});
