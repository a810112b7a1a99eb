import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { openQuickUpstream } from '../fixtures/quick-upstream.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { RawPeer } from '../zoo/raw-peer.ts';
import { LockgateProcess } from './lockgate-process.ts';

/** A server that says what it is once its gate is open. */
async function serveSlow() {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const hello = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'slow', version: '7' },
    instructions: 'Wait for me.',
  };
  const answer = async (request: ScriptedRequest): Promise<ScriptedAnswer> => {
    if (request.method === 'tools/list') return { result: { tools: [] } };
    if (request.method !== 'initialize') return { error: { code: -32_601, message: 'Method not found' } };
    reached.resolve();
    await gate.promise;
    return { result: hello };
  };
  const server = await serveScripted(answer);
  return {
    server,
    gate,
    reached,
    hello,
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await server[Symbol.asyncDispose]();
    },
  };
}

test.each([
  ['legacy', 'initialize'],
  ['modern', 'server/discover'],
] as const)(
  'a %s client of one server waits for that server, however slow, and is told what it says of itself',
  async (era, method) => {
    await using slow = await serveSlow();
    const { server, reached, gate, hello } = slow;
    const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: { slow: { url: server.url } } };
    await using gateway = await createGateway(config as never, { startWindowMs: 0 });
    await gateway.started();
    const { url } = await gateway.listen();
    await using client = await RawPeer.open({ kind: 'http', url: `${url}/slow` }, era);
    const asked = client.request(method, era === 'legacy' ? client.hello : {});
    await reached.promise;
    gate.resolve();
    const said = JSON.parse((await asked).text);
    expect(said).toMatchObject({ instructions: 'Wait for me.', capabilities: { tools: { listChanged: true } } });
    expect(said.capabilities).not.toHaveProperty('prompts');
    expect(said.serverInfo ?? said._meta['io.modelcontextprotocol/serverInfo']).toEqual(hello.serverInfo);
  },
);

describe.skipIf(noRedis !== undefined)('a gateway beside which others serve', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    if (noRedis === undefined) redis = await RedisServer.start();
  });
  afterAll(() => redis?.[Symbol.asyncDispose]());

  const start = (servers: object): Promise<LockgateProcess> =>
    LockgateProcess.start({
      config: { gateway: { listen: '127.0.0.1:0', state: { redis: { url: redis.url } } }, mcpServers: servers },
    });

  test('listens once its servers are up', async () => {
    await using slow = await serveSlow();
    await using process = await start({ slow: { url: slow.server.url } });
    await slow.reached.promise;
    // Time enough for one that waits for nobody.
    for (let turn = 0; turn < 200; turn += 1) await fetch(slow.server.url).then((response) => response.text());
    expect(process.stderr).not.toContain('listening');
    slow.gate.resolve();
    expect((await fetch(new URL('/health/ready', await process.url()))).status).toBe(200);
    expect(process.stderr).toMatch(/"state":"running".*listening/s);
  });

  test('listens though one of them cannot be reached', async () => {
    await using process = await start({ gone: { url: 'http://127.0.0.1:1/mcp' } });
    const url = await process.url();
    expect((await fetch(new URL('/health/live', url))).status).toBe(200);
    expect((await fetch(new URL('/health/ready', url))).status).toBe(503);
  });

  test('waits for no longer than it is told', async () => {
    await using slow = await serveSlow();
    const config = { mcpServers: { slow: { url: slow.server.url } } };
    await using gateway = await createGateway(config as never, { startWindowMs: 600_000 });
    await gateway.started(1);
    expect(gateway.status().upstreams[0]?.state).toBe('starting');
  });
});

test.each(['legacy', 'modern'] as const)(
  'a call of a %s client waits for its own server alone: neither for one that starts, nor for what one offers to clients of its era',
  async (era) => {
    await using starting = await serveSlow();
    await using quick = await openQuickUpstream();
    const gate = Promise.withResolvers<ScriptedAnswer>();
    // It is up in the modern era, and says nothing in the legacy one.
    await using silent = await serveScripted(({ era: spoken, method }) => {
      if (spoken === 'legacy') return gate.promise;
      return method === 'server/discover'
        ? introduced(spoken, {})
        : { error: { code: -32_601, message: 'Method not found' } };
    });
    const servers = { starting: { url: starting.server.url }, silent: { url: silent.url }, quick: { url: quick.url } };
    const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers: servers };
    await using gateway = await createGateway(config as never, { startWindowMs: 600_000 });
    void gateway.started();
    const { url } = await gateway.listen();
    await starting.reached.promise;
    await using client = await RawPeer.open({ kind: 'http', url }, era);
    if (era === 'legacy') await client.request('initialize', client.hello);
    const { text } = await client.request('tools/call', { name: 'quick__echo', arguments: { message: 'hello' } });
    expect(JSON.parse(text)).toHaveProperty('content');
    starting.gate.resolve();
    gate.resolve({ error: { code: -32_601, message: 'Method not found' } });
  },
);

const NOTE = 'notes://today';
const NOTES = 'notes://{name}';

/** A server with a resource and a template, that takes subscriptions and completes. */
function serveNotes() {
  const answers: Readonly<Record<string, ScriptedAnswer>> = {
    'tools/list': { result: { tools: [] } },
    'prompts/list': { result: { prompts: [] } },
    'resources/list': { result: { resources: [{ uri: NOTE, name: 'today' }] } },
    'resources/templates/list': { result: { resourceTemplates: [{ uriTemplate: NOTES, name: 'any' }] } },
    'resources/read': { result: { contents: [{ uri: NOTE, text: 'milk' }] } },
    'resources/subscribe': { result: {} },
    'completion/complete': { result: { completion: { values: ['today'] } } },
  };
  const capabilities = { resources: { subscribe: true }, completions: {} };
  return serveScripted(({ era, method }) => {
    if (method === 'initialize' || method === 'server/discover') return introduced(era, capabilities);
    return answers[method] ?? { error: { code: -32_601, message: 'Method not found' } };
  });
}

/** A client of a gateway whose server of notes runs, while another starts. */
async function openNotes(order: readonly ('notes' | 'starting')[]) {
  await using opening = new AsyncDisposableStack();
  const starting = opening.use(await serveSlow());
  const notes = opening.use(await serveNotes());
  const entries = { notes: { url: notes.url }, starting: { url: starting.server.url } };
  const mcpServers = Object.fromEntries(order.map((name) => [name, entries[name]]));
  const config = { gateway: { listen: '127.0.0.1:0' }, mcpServers };
  const gateway = opening.use(await createGateway(config as never, { startWindowMs: 600_000 }));
  void gateway.started();
  const { url } = await gateway.listen();
  await starting.reached.promise;
  const client = opening.use(await RawPeer.open({ kind: 'http', url }, 'legacy'));
  await client.request('initialize', client.hello);
  await expect.poll(() => gateway.status().upstreams.find(({ name }) => name === 'notes')?.state).toBe('running');
  const owned = opening.move();
  return { client, starting, url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.each([
  ['resources/read', { uri: NOTE }, { contents: [{ text: 'milk' }] }],
  ['resources/subscribe', { uri: NOTE }, {}],
  [
    'completion/complete',
    { ref: { type: 'ref/resource', uri: NOTES }, argument: { name: 'name', value: 't' } },
    { completion: { values: ['today'] } },
  ],
] as const)('%s of what a server lists waits for none behind it that starts', async (method, params, result) => {
  await using opened = await openNotes(['notes', 'starting']);
  const { client, starting } = opened;
  const { text } = await client.request(method, params);
  expect(JSON.parse(text)).toMatchObject(result);
  starting.gate.resolve();
});

test('a read of what a server lists waits for one before it that starts, whose address it would be', async () => {
  await using opened = await openNotes(['starting', 'notes']);
  const { client, starting, url } = opened;
  let isAnswered = false;
  const read = client.request('resources/read', { uri: NOTE }).finally(() => {
    isAnswered = true;
  });
  await using other = await RawPeer.open({ kind: 'http', url: `${url}/notes` }, 'legacy');
  await other.request('initialize', other.hello);
  await other.request('resources/read', { uri: NOTE });
  expect(isAnswered).toBe(false);
  starting.gate.resolve();
  expect(JSON.parse((await read).text)).toMatchObject({ contents: [{ text: 'milk' }] });
});
