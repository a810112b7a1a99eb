import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, type ScriptedAnswer, type ScriptedRequest, serveScripted } from '../fixtures/scripted-server.ts';
import { connect } from './clients.ts';

const ASKABLE = { elicitation: {} };
const TOOLS = { tools: [{ name: 'any', inputSchema: { type: 'object' } }] };
const NOT_FOUND = { error: { code: -32_601, message: 'Method not found' } };

async function gatewayTo(url: string) {
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url } } as never,
  });
  await gateway.started();
  return { gateway, url: `${(await gateway.listen()).url}/one` };
}

/** A legacy server over HTTP that can forget all its sessions; each call is answered when the test wants it. */
async function serveForgetful() {
  let sessions = new Set<string>();
  let [running, gate] = [0, Promise.withResolvers<void>()];
  const server = createServer(async (request, response) => {
    const named = request.headers['mcp-session-id'];
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));
    if (typeof named === 'string' && !sessions.has(named)) return void response.writeHead(404).end();
    if (id === undefined) return void response.writeHead(202).end();
    const own = method === 'initialize' ? randomUUID() : named;
    if (typeof own === 'string') sessions.add(own);
    if (method === 'tools/call') {
      running++;
      await gate.promise;
    }
    const results: Record<string, object> = {
      ...{ initialize: introduced('legacy', { tools: {} }).result, 'tools/list': TOOLS },
      'tools/call': { content: [] },
    };
    const found = results[method];
    response.writeHead(200, { 'content-type': 'application/json', ...(own && { 'mcp-session-id': own }) });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(found ? { result: found } : NOT_FOUND) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    running: () => running,
    letGo: () => gate.resolve(),
    restart: () => {
      sessions = new Set();
      [running, gate] = [0, Promise.withResolvers<void>()];
      gate.resolve();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('several connections that a server has forgotten cost a call nothing', async () => {
  await using server = await serveForgetful();
  const { gateway, url } = await gatewayTo(server.url);
  await using client = await connect(url, 'modern', {}, ASKABLE);
  const call = () => client.callTool({ name: 'any', arguments: {} });
  const calls = [call(), call(), call()];
  await expect.poll(server.running).toBe(3);
  server.letGo();
  await Promise.all(calls);
  server.restart();
  for (let turn = 0; turn < 3; turn++) expect(await call()).toMatchObject({ content: [] });
  await gateway.close();
});

test('a server that ignores the log level keeps no call waiting', async () => {
  const heard: string[] = [];
  await using server = await serveScripted(
    ({ era, method }) => {
      heard.push(method);
      if (era === 'modern') return NOT_FOUND;
      if (method === 'initialize') return introduced(era, { tools: {}, logging: {} });
      if (method === 'logging/setLevel') return undefined;
      return { result: method === 'tools/list' ? TOOLS : { content: [] } };
    },
    (method) => heard.push(method),
  );
  const { gateway, url } = await gatewayTo(server.url);
  await using client = await connect(url, 'legacy', {}, ASKABLE);
  await client.setLoggingLevel('info');
  await client.callTool({ name: 'any', arguments: {} });
  expect(heard).toContain('logging/setLevel');
  expect(heard).not.toContain('notifications/cancelled');
  await gateway.close();
});

/** A server of both eras whose greetings of the legacy one are answered as the test wants. */
async function serveBoth() {
  const calls: string[] = [];
  const state: { greeted: () => ScriptedAnswer; greetings: number } = {
    greeted: () => introduced('legacy', { tools: {} }),
    greetings: 0,
  };
  const server = await serveScripted(({ era, method, params }: ScriptedRequest): ScriptedAnswer => {
    if (method === 'server/discover') return introduced(era, { tools: {} });
    if (method === 'initialize') {
      // The connection that others share says that it is the gateway's.
      if ((params.clientInfo as { name: string }).name !== 'lockgate') state.greetings++;
      return state.greeted();
    }
    if (method === 'tools/call') calls.push(era);
    return { result: method === 'tools/list' ? TOOLS : { content: [] } };
  });
  return { ...server, calls, state };
}

const busy = (): ScriptedAnswer => ({ error: { code: -32_603, message: 'busy' } });
const refused = (): ScriptedAnswer => ({ error: { code: -32_601, message: 'Method not found' } });

test.each([
  ['that fails once is served in the modern era, and others in theirs', busy, ['modern', 'modern', 'legacy']],
  ['that is refused is served in the modern era, as are others', refused, ['modern', 'modern', 'modern']],
])('a legacy client with a connection of its own %s', async (_what, greeted, expected) => {
  await using server = await serveBoth();
  const { gateway, url } = await gatewayTo(server.url);
  server.state.greeted = greeted;
  await using one = await connect(url, 'legacy', {}, ASKABLE);
  await one.callTool({ name: 'any', arguments: {} });
  server.state.greeted = () => introduced('legacy', { tools: {} });
  await one.listTools();
  await one.callTool({ name: 'any', arguments: {} });
  expect(server.state.greetings).toBe(1);
  await using other = await connect(url, 'legacy', {}, ASKABLE);
  await other.callTool({ name: 'any', arguments: {} });
  expect(server.calls).toEqual(expected);
  await gateway.close();
});

test('a legacy connection that fails once is there for all when it comes up', async () => {
  await using server = await serveBoth();
  const { gateway, url } = await gatewayTo(server.url);
  server.state.greeted = busy;
  await using client = await connect(url, 'legacy');
  const call = async (): Promise<string | undefined> => {
    await client.callTool({ name: 'any', arguments: {} });
    return server.calls.at(-1);
  };
  expect(await call()).toBe('modern');
  server.state.greeted = () => introduced('legacy', { tools: {} });
  await expect.poll(call).toBe('legacy');
  await gateway.close();
});
