import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { echoGuest } from '@lockgate/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Gateway, GatewayOptions } from '../../src/gateway.ts';
import { openEcho } from '../fixtures/echo-upstream.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawRequest, rawSession } from '../fixtures/raw-request.ts';
import { connect, textOf } from './clients.ts';

const program = new URL('../conformance/fixtures/everything-stdio.ts', import.meta.url).pathname;
const stdio = { command: process.execPath, args: ['--conditions=@lockgate/source', program] };

async function open(
  mcpServers: object,
  gateway: object = {},
  options: GatewayOptions = {},
): Promise<Gateway & { url: string }> {
  const config = { gateway: { listen: '127.0.0.1:0', ...gateway }, mcpServers };
  const opened = await createGateway(config as never, options);
  await opened.started();
  return Object.assign(opened, await opened.listen());
}

const echo = async (url: string, name: string, text: string) => {
  await using client = await connect(url);
  return textOf(await client.callTool({ name, arguments: { text } }));
};

describe('changing the configuration while it runs', () => {
  test('adds and removes servers, tells clients, and leaves the others alone', async () => {
    await using first = await openEcho();
    await using second = await openEcho();
    await using gateway = await open({ first: { url: first.url } });
    await using client = await connect(gateway.url, 'legacy');
    const [before] = gateway.status().upstreams;
    const told = Promise.withResolvers<void>();
    client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve());
    await gateway.reconfigure({ mcpServers: { first: { url: first.url }, second: { url: second.url } } as never });
    await told.promise;
    await expect
      .poll(async () => (await client.listTools()).tools.map(({ name }) => name))
      .toEqual(['first__echo', 'second__echo']);
    expect(gateway.status().upstreams[0]?.since).toBe(before?.since);
    await gateway.reconfigure({ mcpServers: { second: { url: second.url } } as never });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['second__echo']);
    expect((await rawRequest(`${gateway.url}/first`, 'tools/list')).status).toBe(404);
  });

  test('that cannot be used rejects, and leaves what is served', async () => {
    await using upstream = await openEcho();
    await using gateway = await open({ only: { url: upstream.url } });
    const refused = gateway.reconfigure({ gateway: { mode: 'x' } } as never).catch((error: unknown) => error);
    expect(await refused).toMatchObject({ code: 'GATEWAY_CONFIG' });
    expect(await echo(gateway.url, 'only__echo', 'hi')).toBe('hi');
  });

  test('a changed prefix changes names for clients that come later', async () => {
    await using upstream = await openEcho();
    await using gateway = await open({ only: { url: upstream.url } });
    await gateway.reconfigure({ gateway: { prefix: 'auto' }, mcpServers: { only: { url: upstream.url } } as never });
    expect(await echo(gateway.url, 'echo', 'hi')).toBe('hi');
  });
});

describe('closing', () => {
  test('lets a running call finish, refuses new work with 503, and ends', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await using upstream = await openEcho({}, async () => {
      asked.resolve();
      await answer.promise;
    });
    await using gateway = await open({ held: { url: upstream.url } }, { prefix: 'auto' });
    await using client = await connect(gateway.url);
    const running = client.callTool({ name: 'echo', arguments: { text: 'hi' } });
    await asked.promise;
    const closing = gateway.close();
    expect(gateway.status().state).toBe('closing');
    const refused = await rawRequest(gateway.url, 'tools/list');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(new URL('/health/ready', gateway.url))).status).toBe(503);
    answer.resolve();
    expect(textOf(await running)).toBe('hi');
    await closing;
    expect(gateway.status().state).toBe('closed');
    await expect(fetch(gateway.url)).rejects.toThrow();
  });

  test('one that leaves says so to balancers at once, and answers what comes until they have noticed', async () => {
    await using upstream = await openEcho({});
    await using gateway = await open({ echo: { url: upstream.url } }, { drainMs: 3_600_000 });
    void gateway.leave();
    expect((await fetch(new URL('/health/ready', gateway.url))).status).toBe(503);
    const answer = await rawRequest(gateway.url, 'tools/list');
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  });

  test.each(['legacy', 'modern'] as const)(
    'cuts a call of a %s client that takes longer than the shutdown may',
    async (era) => {
      const gateway = await open({ fixture: stdio }, { prefix: 'auto', shutdownTimeoutMs: 50 });
      const client = await connect(gateway.url, era);
      const running = client.callTool({ name: 'wait_until_cancelled', arguments: {} }).catch((error: object) => error);
      await expect.poll(() => gateway.status().running).toBe(1);
      await gateway.close();
      expect(await running).toMatchObject({ data: { code: 'GATEWAY_CALL_ENDED' } });
      await client.close();
    },
  );

  test('is done once, however often it is asked for', async () => {
    const gateway = await open({});
    await Promise.all([gateway.close(), gateway.close()]);
    await gateway.close();
    await expect(gateway.listen()).rejects.toMatchObject({ code: 'GATEWAY_CLOSED' });
  });
});

describe('sessions', () => {
  test('belong to the endpoint they began at, and end with DELETE', async () => {
    await using upstream = await openEcho();
    await using gateway = await open({ only: { url: upstream.url } });
    await rawSession(gateway.url);
    expect(gateway.status().sessions).toBe(1);
    const begun = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      }),
    });
    await begun.text();
    const headers = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' };
    expect((await fetch(`${gateway.url}/only`, { method: 'DELETE', headers })).status).toBe(404);
    expect((await fetch(gateway.url, { method: 'DELETE', headers })).status).toBe(200);
    expect((await fetch(gateway.url, { headers })).status).toBe(404);
    expect(gateway.status().sessions).toBe(1);
  });

  test('are only so many; a new one takes the place of one that is silent', async () => {
    await using upstream = await openEcho();
    await using gateway = await open({ only: { url: upstream.url } }, { limits: { maxSessions: 2 } });
    const first = await rawSession(gateway.url);
    await rawSession(gateway.url);
    await rawSession(gateway.url);
    expect(gateway.status().sessions).toBe(2);
    expect((await first('tools/list')).status).toBe(404);
  });
});

test('a key that sees one server learns of no other: not from health or a wrong path, and the metrics are not for it', async () => {
  const keys = { all: 'a'.repeat(32), one: 'b'.repeat(32) };
  await using seen = await openEcho();
  const denied = Promise.withResolvers<void>();
  const error = (_facts: object, text: string): void => {
    if (text.startsWith('guard is not in service')) denied.resolve();
  };
  const config = {
    gateway: {
      listen: '127.0.0.1:0',
      auth: {
        apiKeys: [
          { name: 'all', key: keys.all },
          { name: 'one', key: keys.one, servers: ['seen'] },
        ],
      },
    },
    guards: { warden: { path: '/no/such/warden.wasm' } },
    profiles: { part: { servers: ['hidden'] } },
    mcpServers: { seen: { url: seen.url }, hidden: { url: 'http://127.0.0.1:1/mcp', guard: 'warden' } },
  };
  await using gateway = await createGateway(config as never, { logger: { debug() {}, info() {}, warn() {}, error } });
  await gateway.started();
  const { url } = await gateway.listen();
  const ask = async (path: string, key: string) => {
    const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${key}` } });
    return { status: response.status, text: await response.text() };
  };
  await denied.promise;
  expect((await ask('/health', keys.all)).text).toMatch(/"degraded".*"hidden".*"warden of hidden"/);
  const health = await ask('/health', keys.one);
  expect(health.text).not.toContain('hidden');
  expect(JSON.parse(health.text)).toMatchObject({ status: 'ready', up: 1, down: 0, entries: [{ name: 'seen' }] });
  expect((await ask('/', keys.all)).text).toContain('MCP is spoken at /mcp, /mcp/@part, /mcp/seen, /mcp/hidden');
  expect((await ask('/mcp/nope', keys.one)).text).toMatch(/MCP is spoken at \/mcp, \/mcp\/seen"/);
  expect((await ask('/', 'nobody')).text).not.toContain('/mcp');
  expect((await ask('/metrics', keys.all)).text).toContain('server="hidden"');
  const metrics = await ask('/metrics', keys.one);
  expect(metrics.status).toBe(403);
  expect(metrics.text).toContain('tell of every server');
  expect(metrics.text).not.toContain('hidden');
});

test('a change that a client could not be told is told when its stream opens', async () => {
  await using upstream = await openEcho();
  await using gateway = await open({});
  const post = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const begun = await fetch(gateway.url, { method: 'POST', headers: post, body });
  await begun.text();
  await gateway.reconfigure({ mcpServers: { only: { url: upstream.url } } as never });
  await expect.poll(() => gateway.status().upstreams[0]?.state).toBe('running');
  const headers = { accept: 'text/event-stream', 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
  const stream = await fetch(gateway.url, { headers });
  const reader = stream.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  expect(first).toContain('notifications/');
  expect(first).toContain('list_changed');
  await reader?.cancel();
});

test('a server whose first start fails is there as soon as it starts', async () => {
  const placeholder = await openEcho();
  const port = Number(new URL(placeholder.url).port);
  await placeholder.close();
  await using gateway = await open({ late: { url: placeholder.url } });
  expect(gateway.status().upstreams[0]?.state).toBe('restarting');
  await using _server = await openEcho({ port });
  await expect.poll(() => echo(gateway.url, 'late__echo', 'here').catch(() => 'not yet')).toBe('here');
});

test('a plugin that cannot be loaded is looked at again and again, and said to be so once for each file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-gone-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'gone.wasm');
  // In one step: what is half written would be told as well.
  const put = (code: string | Uint8Array) => writeFile(`${path}.new`, code).then(() => rename(`${path}.new`, path));
  const said: string[] = [];
  const say = (_facts: object, text: string): unknown => said.push(text);
  await using gateway = await createGateway({ plugins: { gone: { path } } } as never, {
    logger: { debug() {}, info: say, warn: say, error: say },
  });
  const isSaid = (times: number, reason: RegExp) =>
    expect
      .poll(() => {
        const [{ state, reason: now } = {}] = gateway.status().upstreams;
        return [state, now, said.filter((text) => /loaded|rejected/.test(text))];
      })
      .toEqual(['not loaded', expect.stringMatching(reason), Array(times).fill('plugin could not be loaded')]);
  await isSaid(1, /gone\.wasm: there is no such file; check the path/);
  await put('no module');
  await isSaid(2, /gone\.wasm.*WebAssembly/);
  await put(echoGuest());
  await expect.poll(() => gateway.status().upstreams[0]?.state).toBe('running');
  expect(said.filter((text) => text === 'plugin could not be loaded')).toHaveLength(2);
});

test('a used-up limit of a tool is said in words of its own', async () => {
  const said: [object, string][] = [];
  const logger = {
    debug() {},
    warn() {},
    error() {},
    info: (facts: object, text: string) => void said.push([facts, text]),
  };
  await using upstream = await openEcho();
  const limited = { url: upstream.url, 'tool-call-limits': { echo: 1 } };
  await using gateway = await open({ only: limited }, {}, { logger });
  await using client = await connect(gateway.url, 'legacy');
  const ask = async () => textOf(await client.callTool({ name: 'only__echo', arguments: { text: 'hi' } }));
  expect(await ask()).toBe('hi');
  expect(await ask()).toContain('may call "echo" of "only" 1 time');
  expect(said.filter(([, text]) => text !== 'server changed state')).toEqual([
    [
      expect.objectContaining({ server: 'only', tool: 'echo', principal: 'anonymous' }),
      'a session has used up the limit of a tool',
    ],
  ]);
});

test('the status counts the tools that clients see', async () => {
  await using upstream = await openEcho();
  await using gateway = await open({ all: { url: upstream.url }, none: { url: upstream.url, tools: ['other*'] } });
  expect(gateway.status().upstreams.map(({ name, tools }) => [name, tools])).toEqual([
    ['all', 1],
    ['none', 0],
  ]);
});
