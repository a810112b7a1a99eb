import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

/** A legacy server that asks on the stream of its session, and not on that of the call for which it asks. */
async function serveAsking() {
  const heard: string[] = [];
  let stream: ServerResponse | undefined;
  let call: { readonly id: unknown; readonly response: ServerResponse } | undefined;
  const send = (to: ServerResponse | undefined, message: object): void => {
    to?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  };
  const params = { message: 'who?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };
  const ask = (): void => {
    if (stream && call) send(stream, { id: 'q', method: 'elicitation/create', params });
  };
  const http = createServer(async (request, response) => {
    const head = { 'content-type': 'text/event-stream', 'mcp-session-id': 's' };
    if (request.method === 'GET') {
      stream = response;
      response.writeHead(200, head).flushHeaders();
      heard.push('GET');
      return ask();
    }
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const { id, method, result } = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));
    if (method !== undefined) heard.push(method);
    if (id === 'q') {
      const content = [{ type: 'text', text: result.content.name }];
      send(call?.response, { id: call?.id, result: { content } });
      call?.response.end();
    }
    if (id === 'q' || id === undefined) return void response.writeHead(202).end();
    response.writeHead(200, head).flushHeaders();
    if (method === 'tools/call') {
      call = { id, response };
      return ask();
    }
    const hello = {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'a', version: '1' },
    };
    const tools = [{ name: 'ask', inputSchema: { type: 'object' } }];
    const results: Record<string, object> = { initialize: hello, 'tools/list': { tools } };
    const found = results[method];
    send(response, { id, ...(found ? { result: found } : { error: { code: -32_601, message: 'Method not found' } }) });
    response.end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    heard,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

test.each(['modern', 'legacy'] as const)(
  'a %s client hears what a server asks on the stream of its session',
  async (era) => {
    await using server = await serveAsking();
    const gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { one: { url: server.url } } as never,
    });
    await gateway.started();
    const client = await connect(`${(await gateway.listen()).url}/one`, era, {}, { elicitation: {} });
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'ada' } }));
    expect(textOf(await client.callTool({ name: 'ask', arguments: {} }))).toBe('ada');
    await client.close();
    await gateway.close();
  },
);

test('a session sends its first request when the server has a stream to ask on', async () => {
  await using server = await serveAsking();
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { url: server.url } } as never,
  });
  await gateway.started();
  expect(server.heard).toEqual(['server/discover', 'initialize', 'notifications/initialized', 'GET', 'tools/list']);
  await gateway.close();
});
