import { Gate } from '@lockgate/testkit';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveEverything } from '../conformance/fixtures/everything-server.ts';
import { beginSession, callFrame, framesOf, modernHeaders } from '../fixtures/raw-client.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { connect, textOf } from './clients.ts';
import { LockgateProcess } from './lockgate-process.ts';
import { connectInTurn, openReplicas } from './replicas-in-turn.ts';

let redis: RedisServer;
let everything: readonly Awaited<ReturnType<typeof serveEverything>>[];
let replicas: Awaited<ReturnType<typeof openReplicas>>;

beforeAll(async () => {
  if (noRedis !== undefined) return;
  redis = await RedisServer.start();
  everything = await Promise.all([serveEverything(), serveEverything({ only2025: true })]);
  const [both, old] = everything;
  replicas = await openReplicas(2, { url: redis.url, prefix: 'in turn:' }, {
    mcpServers: { both: { url: both?.url }, old: { url: old?.url } },
  } as never);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await Promise.all((everything ?? []).map((server) => server.close()));
  await redis?.[Symbol.asyncDispose]();
});

const answering = (name: string) => (client: Client) => {
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept',
    content: { name, username: name, email: `${name}@x` },
  }));
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'm',
    content: { type: 'text', text: name },
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: `file:///${name}` }] }));
};
const ASKABLE = { elicitation: {}, sampling: {}, roots: {} };
const call = (client: Client, name: string, options = {}, args: object = {}) =>
  client.callTool({ name, arguments: args as Record<string, unknown> }, options);

/** What of a stream's text has come when it says this. */
async function textUntil(response: Response, said: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (said.test(text)) break;
  }
  return text;
}

const COMBINATIONS = (['legacy', 'modern'] as const).flatMap((era) =>
  ['both', 'old'].map((server) => ({ era, server })),
);

describe.skipIf(noRedis !== undefined)('a client whose requests go to each gateway in turn', () => {
  test.each(COMBINATIONS)(
    'of the $era era, answers what the server $server asks in a call',
    async ({ era, server }) => {
      const names = ['ada', 'bob', 'cyd'];
      const heard = await Promise.all(
        names.map(async (name) => {
          await using client = await connectInTurn(replicas.urls, era, ASKABLE, answering(name));
          const elicited = textOf(await call(client, `${server}__test_elicitation`, {}, { message: 'who?' }));
          const sampled = textOf(await call(client, `${server}__test_sampling`, {}, { prompt: 'hi' }));
          const roots = textOf(await call(client, `${server}__test_input_required_result_list_roots`));
          const several = textOf(await call(client, `${server}__test_input_required_result_multiple_inputs`));
          return [elicited, sampled, roots, several].join(' ');
        }),
      );
      for (const [index, name] of names.entries()) {
        expect(heard[index]).toMatch(new RegExp(`${name}@x[^]*${name}[^]*file:///${name}[^]*All inputs received`));
      }
    },
  );

  test.each(COMBINATIONS)(
    'of the $era era, hears progress of $server, and cancels what runs there',
    async ({ era, server }) => {
      await using client = await connectInTurn(replicas.urls, era);
      const heard: number[] = [];
      const onprogress = ({ progress }: { progress: number }): unknown => heard.push(progress);
      await call(client, `${server}__test_tool_with_progress`, { onprogress });
      expect(heard).toEqual([0, 50, 100]);
      await using other = await connect(replicas.urls[0] ?? '');
      const waiting = async (count: string): Promise<void> => {
        await expect.poll(async () => textOf(await call(other, 'both__count_waiting'))).toBe(count);
      };
      const cancelling = new AbortController();
      const ended = call(client, `${server}__wait_until_cancelled`, { signal: cancelling.signal }).catch(
        () => 'cancelled',
      );
      await waiting('1');
      cancelling.abort();
      expect(await ended).toBe('cancelled');
      await waiting('0');
    },
  );

  test.each([
    ['at the same gateway', '{}', 0, 0],
    ['at another one', '{}', 1, 0],
    ['that is passed to the home of its session', '{"elicitation":{}}', 0, 1],
    ['at that home', '{"elicitation":{}}', 1, 0],
  ] as const)('ends a call that comes after its cancellation, %s', async (_where, capabilities, cancelAt, callAt) => {
    const home = replicas.urls[0] ?? '';
    const headers = await beginSession(home, capabilities);
    const post = (at: number, body: string): Promise<Response> =>
      fetch(replicas.urls[at] ?? '', { method: 'POST', headers, body });
    const cancel = (id: number): string =>
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"enough"}}`;
    expect((await post(cancelAt, cancel(7))).status).toBe(202);
    const wait = callFrame('legacy', '7', 'old__wait_until_cancelled', '{}');
    expect(await framesOf(await post(callAt, wait))).toEqual([]);
    // It has ended that one, and no other.
    expect((await framesOf(await post(callAt, callFrame('legacy', '8', 'old__count_waiting', '{}')))).at(-1)).toContain(
      '"0"',
    );
  });

  test('of the modern era that goes away at once leaves nothing that waits', async () => {
    const name = 'both__wait_until_cancelled';
    const leave = async (turn: number): Promise<void> => {
      const leaving = new AbortController();
      const { signal } = leaving;
      const init = { method: 'POST', headers: modernHeaders(name), body: callFrame('modern', `${turn}`, name, '{}') };
      const calling = fetch(replicas.urls[turn % 2] ?? '', { ...init, signal }).catch(() => undefined);
      for (let waited = 0; waited < turn; waited += 1) await new Promise(setImmediate);
      leaving.abort();
      await calling;
    };
    await Promise.all(Array.from({ length: 20 }, (_, turn) => leave(turn)));
    await using other = await connect(replicas.urls[0] ?? '');
    await expect.poll(async () => textOf(await call(other, 'both__count_waiting'))).toBe('0');
  });

  test('hears on its standing stream, wherever that is, what changes at servers: once', async () => {
    const heard: string[] = [];
    const listening = (client: Client): void => {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
      client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'));
    };
    await using client = await connectInTurn(replicas.urls, 'legacy', {}, listening);
    await client.subscribeResource({ uri: 'test://watched-resource' });
    const { urls } = replicas;
    for (const url of urls) {
      await using other = await connect(url, 'legacy');
      await call(other, 'both__touch_watched_resource');
      await expect.poll(() => heard.splice(0)).toEqual(['test://watched-resource']);
      await call(other, 'old__test_trigger_tool_change');
      await expect.poll(() => heard.splice(0)).toEqual(['tools']);
    }
    for (const _ of urls) await client.listTools();
    expect(heard).toEqual([]);
  });

  test('goes on after the last event it saw, at a gateway that does not have the stream', async () => {
    const [one = '', two = ''] = replicas.urls;
    const headers = await beginSession(one);
    const leaving = new AbortController();
    const asking = callFrame('legacy', '7', 'old__test_tool_with_progress', '{}', ['"progressToken":"p"']);
    const calling = await fetch(one, { method: 'POST', headers, body: asking, signal: leaving.signal });
    const [, first = ''] = /id: (\S+)/.exec(await textUntil(calling, /id: \S+/)) ?? [];
    leaving.abort();
    const resumed = await fetch(two, { headers: { ...headers, 'last-event-id': first } });
    const rest = await resumed.text();
    for (const said of ['"progress":50', '"progress":100', '"id":7,"result"']) expect(rest).toContain(said);
    const [other = ''] = /[0-9a-f]{12}/.exec(first) ?? [];
    for (const strange of [`${other}-zz_1`, 'ffffffffffff-1_1']) {
      const refused = await fetch(two, { headers: { ...headers, 'last-event-id': strange } });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      await refused.text();
    }
  });

  test('chooses its log level once for all, and ends its session everywhere', async () => {
    const logged: unknown[] = [];
    const listening = (client: Client): void =>
      client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
    await using client = await connectInTurn(replicas.urls, 'legacy', {}, listening);
    for (const _ of replicas.urls) await client.listTools();
    const levels = ['info', 'error'] as const;
    for (const level of levels) {
      await client.setLoggingLevel(level);
      logged.length = 0;
      const each = async (): Promise<number> => {
        for (const _ of replicas.urls) await call(client, 'old__test_logging_tool');
        return logged.splice(0).length;
      };
      await expect.poll(each).toBe(level === 'info' ? replicas.urls.length : 0);
    }
  });
});

test.skipIf(noRedis !== undefined)(
  'a gateway that closes hears the answers to what it has asked, and its sessions go on at another one at once',
  async () => {
    const mcpServers = { old: { url: everything[1]?.url } };
    await using closing = await openReplicas(2, { url: redis.url, prefix: 'closing:' }, { mcpServers } as never);
    const [one = '', two = ''] = closing.urls;
    const urls = [one, two];
    const answers = new Gate();
    await using client = await connectInTurn(urls, 'legacy', ASKABLE, (own) =>
      own.setRequestHandler('elicitation/create', async () => {
        await answers.pass();
        return { action: 'accept', content: { username: 'ada', email: 'ada@x' } };
      }),
    );
    const elicit = async (): Promise<string> =>
      textOf(await call(client, 'old__test_elicitation', {}, { message: 'who?' }));
    const calling = elicit();
    await answers.reached;
    urls.splice(0, 2, two);
    const closed = closing.served[0]?.gateway.close();
    answers.open();
    expect(await calling).toContain('ada@x');
    expect(await elicit()).toContain('ada@x');
    await closed;
    expect(await elicit()).toContain('ada@x');
  },
);

test.skipIf(noRedis !== undefined)(
  'a gateway that leaves is passed nothing new, so that what runs there ends some time, and no stream of a session that has gone is read there',
  async () => {
    const mcpServers = { old: { url: everything[1]?.url } };
    await using leaving = await openReplicas(2, { url: redis.url, prefix: 'leaving:' }, { mcpServers } as never);
    const [one = '', two = ''] = leaving.urls;
    const gateway = leaving.served[0]?.gateway;
    const urls = [one, two];
    const answers = new Gate();
    const running: unknown[] = [];
    await using client = await connectInTurn(urls, 'legacy', ASKABLE, (own) =>
      own.setRequestHandler('elicitation/create', async () => {
        if (running.push(gateway?.status().running) === 1) await answers.pass();
        return { action: 'accept', content: { username: 'ada', email: 'ada@x' } };
      }),
    );
    const elicit = async (): Promise<string> =>
      textOf(await call(client, 'old__test_elicitation', {}, { message: 'who?' }));
    const calling = elicit();
    await answers.reached;
    urls.splice(0, 2, two);
    const headers = await beginSession(one);
    const standing = await fetch(two, { headers });
    void gateway?.leave();
    const body = `{"jsonrpc":"2.0","id":9,"method":"resources/subscribe","params":{"uri":"test://watched-resource"}}`;
    const subscribed = await framesOf(await fetch(two, { method: 'POST', headers, body }));
    expect(subscribed.at(-1)).toContain('"id":9,"result"');
    expect(await standing.text()).not.toContain('error');
    expect(await elicit()).toContain('ada@x');
    expect(running).toEqual([1, 1]);
    answers.open();
    expect(await calling).toContain('ada@x');
    await gateway?.close();
  },
);

test.skipIf(noRedis !== undefined)(
  'a resource that a server lets a session subscribe to only when that has moved is watched where it has moved to, and is told to have been updated',
  async () => {
    const late = new Gate();
    await using server = await serveScripted(async ({ era, method }) => {
      if (era === 'modern') return { error: { code: -32_601, message: 'Method not found' } };
      if (method === 'initialize') return introduced('legacy', { resources: { subscribe: true } });
      if (method === 'resources/templates/list') return { result: { resourceTemplates: [] } };
      if (method === 'resources/list') return { result: { resources: [{ uri: 'test://r', name: 'r' }] } };
      if (method === 'resources/subscribe') await late.pass();
      return { result: {} };
    });
    const mcpServers = { late: { url: server.url } };
    await using leaving = await openReplicas(2, { url: redis.url, prefix: 'late:' }, { mcpServers } as never);
    const [one = '', two = ''] = leaving.urls;
    const headers = await beginSession(one);
    const body = `{"jsonrpc":"2.0","id":9,"method":"resources/subscribe","params":{"uri":"test://r"}}`;
    const subscribing = fetch(two, { method: 'POST', headers, body }).then(framesOf);
    await late.reached;
    void leaving.served[0]?.gateway.leave();
    const standing = await fetch(two, { headers });
    expect(standing.status).toBe(200);
    late.open();
    expect((await subscribing).at(-1)).toContain('"id":9,"result"');
    expect(await textUntil(standing, /updated/)).toContain('test://r');
  },
);

test.skipIf(noRedis !== undefined)(
  'what a gateway held that was killed is answered, and its sessions go on at another one',
  async () => {
    const prefix = 'killed:';
    const mcpServers = { old: { url: everything[1]?.url } };
    const state = { redis: { url: redis.url, prefix } };
    const config = { gateway: { listen: '127.0.0.1:0', state }, mcpServers };
    await using first = await LockgateProcess.start({ config });
    const one = await first.url();
    const records = () => redis.control.keys(`${prefix}r:replica:*`);
    await expect.poll(records, { timeout: 10_000 }).toHaveLength(1);
    const [killed = ''] = await records();
    await using rest = await openReplicas(2, { url: redis.url, prefix }, { mcpServers } as never);
    const [two = '', three = ''] = rest.urls;
    const headers = await beginSession(one);
    const post = (url: string, body: string) => fetch(url, { method: 'POST', headers, body });
    const standing = await fetch(two, { headers });
    const subscribe = `{"jsonrpc":"2.0","id":9,"method":"resources/subscribe","params":{"uri":"test://watched-resource"}}`;
    expect((await framesOf(await post(two, subscribe))).at(-1)).toContain('"id":9,"result"');
    const asking = callFrame('legacy', '8', 'old__test_tool_with_progress', '{}', ['"progressToken":"p"']);
    const [, event = ''] = /id: (\S+)/.exec(await textUntil(await post(one, asking), /id: \S+/)) ?? [];
    first.child.kill('SIGKILL');
    await first.exited;
    await redis.control.del(killed);
    expect(await standing.text().catch(() => 'cut')).not.toContain('error');
    const resumed = await fetch(three, { headers: { ...headers, 'last-event-id': event } });
    expect(await resumed.text()).toMatch(/data: \{"jsonrpc":"2.0","id":8,"error":.*has ended/);
    const again = await fetch(three, { headers });
    expect(again.status).toBe(200);
    // What was subscribed to at the first one goes on at this one, by itself.
    const touched = async (): Promise<boolean> => {
      await post(two, callFrame('legacy', '10', 'old__touch_watched_resource', '{}'));
      return (await Promise.race([updated, undefined])) !== undefined;
    };
    const updated = textUntil(again, /updated/);
    await expect.poll(touched, { timeout: 10_000 }).toBe(true);
    expect(await updated).toContain('test://watched-resource');
  },
);
