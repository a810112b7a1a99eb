import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { rawSession } from '../fixtures/raw-request.ts';
import { connect } from './clients.ts';

/** Announces a change in the very write that answers its first list, and has a tool named after the count of each. */
const PROGRAM = `
let lists = 0;
const say = (...frames) => process.stdout.write(frames.map((frame) => JSON.stringify({ jsonrpc: '2.0', ...frame }) + '\\n').join(''));
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') {
    const serverInfo = { name: 'early', version: '1' };
    say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true } }, serverInfo } });
  } else if (method === 'tools/list') {
    const answer = { id, result: { tools: [{ name: 'list' + ++lists, inputSchema: { type: 'object' } }] } };
    if (lists === 1) say(answer, { method: 'notifications/tools/list_changed' });
    else say(answer);
  } else say({ id, error: { code: -32601, message: 'Method not found' } });
});`;

/** A gateway in front of one server, which has started. */
async function openBefore(early: object) {
  const gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers: { early } } as never);
  await gateway.started();
  return gateway;
}

test('a change that is announced right after the first list is read', async () => {
  await using gateway = await openBefore({ command: process.execPath, args: ['-e', PROGRAM] });
  const { url } = await gateway.listen();
  const ask = await rawSession(`${url}/early`);
  await expect.poll(async () => (await ask('tools/list')).body.result).toMatchObject({ tools: [{ name: 'list2' }] });
});

/** A server with sessions that tells changes on its stream alone, and has a tool named after the count of its changes. */
async function streamingServer() {
  const state = {
    changes: 0,
    streams: [] as ServerResponse[],
    handshakes: [] as (() => void)[],
    holdsHandshake: false,
  };
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  const results: Record<string, () => object> = {
    initialize: () => ({ protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'early', version: '1' } }),
    'tools/list': () => ({ tools: [{ name: `changed${state.changes}`, inputSchema: { type: 'object' } }] }),
    'resources/subscribe': () => ({}),
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      state.streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.flushHeaders();
      return;
    }
    const { id, method } = (await json(request).catch(() => ({}))) as { id?: number; method?: string };
    if (id === undefined) {
      const taken = (): void => void response.writeHead(202).end();
      if (state.holdsHandshake) state.handshakes.push(taken);
      else taken();
      return;
    }
    const result = results[method ?? '']?.();
    const error = { code: -32601, message: 'Method not found' };
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
}

describe('a change that a server could tell on no stream', () => {
  const toolNames = async (ask: Awaited<ReturnType<typeof rawSession>>): Promise<unknown> =>
    ((await ask('tools/list')).body.result as { tools: { name: string }[] }).tools.map(({ name }) => name);

  test('since it was slow to take the end of the handshake, is read once it has the stream', async () => {
    const { state, url: serverUrl } = await streamingServer();
    state.holdsHandshake = true;
    await using gateway = await openBefore({ url: serverUrl });
    const { url } = await gateway.listen();
    const ask = await rawSession(`${url}/early`);
    expect(await toolNames(ask)).toEqual(['changed0']);
    state.changes = 1;
    for (const taken of state.handshakes) taken();
    await expect.poll(() => toolNames(ask)).toEqual(['changed1']);
  });

  test('since its stream had ended, is read once it has the next, and what is watched is said to have changed', async () => {
    const { state, url: serverUrl } = await streamingServer();
    await using gateway = await openBefore({ url: serverUrl });
    const { url } = await gateway.listen();
    await using client = await connect(`${url}/early`, 'legacy');
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
    await client.subscribeResource({ uri: 'early://one' });
    await expect.poll(() => state.streams.length).toBe(1);
    state.changes = 1;
    state.streams[0]?.end();
    await expect.poll(async () => (await client.listTools()).tools.map(({ name }) => name)).toEqual(['changed1']);
    await expect.poll(() => updated).toEqual(['early://one']);
  });
});
