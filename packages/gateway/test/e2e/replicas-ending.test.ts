import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Gate } from '@lockgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveEverything } from '../conformance/fixtures/everything-server.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { textOf } from './clients.ts';
import { connectInTurn, openReplicas } from './replicas-in-turn.ts';

let redis: RedisServer;
let both: Awaited<ReturnType<typeof serveEverything>>;
let old: Awaited<ReturnType<typeof serveEverything>>;

beforeAll(async () => {
  if (noRedis !== undefined) return;
  redis = await RedisServer.start();
  [both, old] = await Promise.all([serveEverything(), serveEverything({ only2025: true })]);
});
afterAll(async () => {
  await Promise.all([both?.close(), old?.close()]);
  await redis?.[Symbol.asyncDispose]();
});

test.skipIf(noRedis !== undefined)(
  'a gateway that ends waits for the answers of what it has passed on, and streams that it has passed on come to their end',
  async () => {
    const mcpServers = { old: { url: old.url } };
    await using ending = await openReplicas(2, { url: redis.url, prefix: 'ending:' }, { mcpServers } as never);
    const [one = '', two = ''] = ending.urls;
    const gateway = ending.served[1]?.gateway;
    const urls = [one];
    const answers = new Gate();
    await using client = await connectInTurn(urls, 'legacy', { elicitation: {} }, (own) =>
      own.setRequestHandler('elicitation/create', async () => {
        await answers.pass();
        return { action: 'accept', content: { username: 'ada', email: 'ada@x' } };
      }),
    );
    await client.callTool({ name: 'old__test_simple_text' });
    urls.splice(0, 1, two);
    const calling = client.callTool({ name: 'old__test_elicitation', arguments: { message: 'who?' } });
    await answers.reached;
    urls.splice(0, 1, one);
    const standing = await fetch(two, { headers: await beginSession(one) });
    expect(gateway?.status().running).toBe(1);
    const closing = gateway?.leave().then(() => gateway.close());
    answers.open();
    expect(textOf(await calling)).toContain('ada@x');
    await closing;
    expect(await standing.text()).not.toContain('error');
  },
);

test.skipIf(noRedis !== undefined)(
  'a modern client that listens is told that this is over where its gateway ends, and listens on at another one',
  async () => {
    const mcpServers = { both: { url: both.url } };
    await using ending = await openReplicas(2, { url: redis.url, prefix: 'listening:' }, { mcpServers } as never);
    const [one = '', two = ''] = ending.urls;
    const uri = 'test://watched-resource';
    const meta =
      '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"raw","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}';
    const listen = async (url: string, id: number): Promise<Response> => {
      const params = `{"notifications":{"resourceSubscriptions":["${uri}"]},"_meta":{${meta}}}`;
      const headers = { ...modernHeaders(''), 'mcp-method': 'subscriptions/listen' };
      const { 'mcp-name': _, ...named } = headers as Record<string, string>;
      const body = `{"jsonrpc":"2.0","id":${id},"method":"subscriptions/listen","params":${params}}`;
      return fetch(url, { method: 'POST', headers: named, body });
    };
    const first = await listen(one, 1);
    const gateway = ending.served[0]?.gateway;
    const over = framesOf(first);
    await gateway?.leave();
    await gateway?.close();
    const frames = (await over).map((frame) => JSON.parse(frame));
    expect(frames[0]).toMatchObject({ method: 'notifications/subscriptions/acknowledged' });
    expect(frames.at(-1)).toMatchObject({ id: 1, result: { _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } } });
    const second = await listen(two, 2);
    const touched = callFrame('modern', '3', 'both__touch_watched_resource', '{}');
    await fetch(two, { method: 'POST', headers: modernHeaders('both__touch_watched_resource'), body: touched });
    let told = '';
    for await (const chunk of second.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      told += chunk;
      if (told.includes('resources/updated')) break;
    }
    expect(told).toContain(uri);
  },
);

describe.skipIf(noRedis !== undefined)(
  'what is asked on the connection of a stream that has ended with its gateway',
  () => {
    test.each([
      ['the stream of a session that is at home there', 0],
      ['a stream that it has passed on', 1],
    ] as const)('is answered: %s', async (_, home) => {
      const mcpServers = { both: { url: both.url } };
      await using ending = await openReplicas(2, { url: redis.url, prefix: `behind ${home}:` }, {
        mcpServers,
      } as never);
      const [leaving = ''] = ending.urls;
      const gateway = ending.served[0]?.gateway;
      const headers = await beginSession(ending.urls[home] ?? '');
      // As balancers do, which send the next request at once on a connection that has become free.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = async (path: string): Promise<IncomingMessage> =>
        (await once(get(new URL(path, leaving), { agent, headers }), 'response'))[0];
      const stream = await ask('/mcp');
      const ended = text(stream);
      const closed = gateway?.leave().then(() => gateway.close());
      await ended;
      const next = await ask('/health/live');
      expect([next.statusCode, next.headers.connection]).toEqual([200, 'close']);
      next.resume();
      await closed;
    });
  },
);

describe.skipIf(noRedis !== undefined)('what runs in a session that ends is answered with the reason', () => {
  test.each([
    ['its record is lost', () => redis.control.flushall()],
    ['its client ends it', (url: string, headers: HeadersInit) => fetch(url, { method: 'DELETE', headers })],
  ] as const)('where %s', async (_, end) => {
    await using ending = await openReplicas(1, { url: redis.url, prefix: 'answered:' }, {
      mcpServers: { old: { url: old.url } },
    } as never);
    const [url = ''] = ending.urls;
    const headers = await beginSession(url, '{"elicitation":{}}');
    const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', headers, body });
    const single = await post(callFrame('legacy', '7', 'old__test_elicitation', '{"message":"who?"}'));
    await end(url, headers);
    let last = 200;
    while (last === 200) {
      const asked = await post('{"jsonrpc":"2.0","id":8,"method":"tools/list"}');
      last = asked.status;
      expect((await framesOf(asked)).length).toBe(1);
    }
    expect(last).toBe(404);
    const answer = JSON.parse((await framesOf(single)).at(-1) ?? '{}');
    expect(answer).toMatchObject({ id: 7, error: { code: -32_000 } });
    expect(answer.error.message).toMatch(/session has ended.*Begin a new session/);
  });
});
