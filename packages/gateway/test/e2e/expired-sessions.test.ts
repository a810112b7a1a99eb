import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { callFrame, openModernHttp, openSession } from '../fixtures/raw-client.ts';
import { serveScriptedHttp } from '../fixtures/raw-server.ts';

const error = (code: number, message: string) => JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

describe('a server that no longer knows the session of the gateway', () => {
  const refusals: [number, string][] = [
    [404, error(-32_600, 'Session not found')],
    [404, error(-32_000, 'no')],
    [404, error(-32_001, 'Session not found')],
    [404, ''],
    [404, '<html>not found</html>'],
    [400, error(-32_000, 'Bad Request: No valid session ID provided')],
  ];
  test.each(refusals)('and answers %i with the body %j costs nobody a visible failure', async (status, body) => {
    const known = { id: 'first', refusal: { status, body } };
    const calls: unknown[] = [];
    const script = {
      call: ({ args }: { args: unknown }) => {
        calls.push(args);
        return { body: `"result":{"content":[],"call":${calls.length}}` };
      },
    };
    await using server = await serveScriptedHttp('legacy', script, known);
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { any: { url: server.url } } as never,
    });
    await gateway.started();
    const { url } = await gateway.listen();
    const clients = [await openSession(`${url}/any`), await openModernHttp(`${url}/any`, 'any')];
    for (const [turn, session] of ['first', 'second', 'third'].entries()) {
      known.id = session;
      for (const client of clients) {
        const [answer] = await client.exchange(callFrame(client.era, '1', 'any', `${turn}`), '1');
        expect(answer).toContain(`"content":[],"call":${calls.length}`);
      }
    }
    expect(calls).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('is not taken for one that refuses a request in each session: that request fails, and no connection does', async () => {
    const sessions: unknown[] = [];
    let opened = 0;
    const http = createServer(async (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const { id, method, params } = JSON.parse(await text(request));
      if (id === undefined) return void response.writeHead(202).end();
      if (method === 'initialize') response.setHeader('mcp-session-id', `s${++opened}`);
      if (method === 'tools/call') {
        sessions.push(request.headers['mcp-session-id']);
        if (params.arguments === 0) return void response.writeHead(404).end('<html>no such record</html>');
      }
      const results: Record<string, unknown> = {
        initialize: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'any', version: '1' },
        },
        'tools/list': { tools: [{ name: 'any', inputSchema: { type: 'object' } }] },
        'tools/call': { content: [], call: params?.arguments },
      };
      const result = results[method];
      const answer = result ? { result } : { error: { code: -32_601, message: 'Method not found' } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
    onTestFinished(() => void http.close().closeAllConnections());
    await once(http.listen(0, '127.0.0.1'), 'listening');
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { any: { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` } } as never,
    });
    await gateway.started();
    const { url } = await gateway.listen();
    const client = await openSession(`${url}/any`);
    const call = (args: number) => client.exchange(callFrame('legacy', '1', 'any', `${args}`), '1');
    expect(await call(0)).toEqual([expect.stringContaining('GATEWAY_UPSTREAM_REFUSED')]);
    expect(await call(1)).toEqual([expect.stringContaining('"call":1')]);
    expect(sessions).toEqual(['s1', 's2', 's2']);
  });

  test('still answers the calls that run in it', async () => {
    const known = { id: 'first', refusal: { status: 404, body: '' } };
    const [heard, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const script = {
      call: async ({ args }: { args: unknown }) => {
        if (args === 0) {
          heard.resolve();
          await released.promise;
        }
        return { body: `"result":{"content":[],"call":${args}}` };
      },
    };
    await using server = await serveScriptedHttp('legacy', script, known);
    await using gateway = await createGateway({
      gateway: { listen: '127.0.0.1:0' },
      mcpServers: { any: { url: server.url } } as never,
    });
    await gateway.started();
    const { url } = await gateway.listen();
    const [one, two] = [await openSession(`${url}/any`), await openSession(`${url}/any`)];
    const running = one.exchange(callFrame('legacy', '1', 'any', '0'), '1');
    await heard.promise;
    known.id = 'second';
    expect(await two.exchange(callFrame('legacy', '1', 'any', '1'), '1')).toEqual([
      expect.stringContaining('"content":[],"call":1'),
    ]);
    released.resolve();
    expect(await running).toEqual([expect.stringContaining('"content":[],"call":0')]);
  });
});
