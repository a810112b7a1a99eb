import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { callFrame, openSession } from '../fixtures/raw-client.ts';

interface Asked {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly _meta?: Record<string, unknown> };
}

type Answering = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void;

async function listen(answer: Answering): Promise<URL> {
  const http = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    answer(JSON.parse(await text(request)), response, request);
  });
  onTestFinished(() => void http.close().closeAllConnections());
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
}

/** A gateway in front of it, and what a client of the legacy era gets for one more call of its one tool. */
async function behindGateway(url: URL) {
  const gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { any: { url: url.href } } as never,
  });
  onTestFinished(() => gateway.close());
  await gateway.started();
  const { url: address } = await gateway.listen();
  const client = await openSession(`${address}/any`);
  return async () => (await client.exchange(callFrame('legacy', '1', 'any', '{}'), '1')).join('\n');
}

const RESULTS: Record<string, object> = {
  initialize: { protocolVersion: '2025-03-26', capabilities: { tools: {} }, serverInfo: { name: 'any', version: '1' } },
  'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
  'tools/list': { tools: [{ name: 'any', inputSchema: { type: 'object' } }] },
  'tools/call': { content: [] },
};

function answerOf(era: 'legacy' | 'modern', { id, method, params }: Asked) {
  const isModern = params?._meta?.['io.modelcontextprotocol/protocolVersion'] === '2026-07-28';
  const error = (code: number, message: string, data?: object) => ({
    status: 400,
    body: { jsonrpc: '2.0', id: id ?? null, error: { code, message, data } },
  });
  if (era === 'modern' && !isModern)
    return error(-32_022, 'Unsupported protocol version', { supported: ['2026-07-28'] });
  if (era === 'legacy' && isModern) return error(-32_000, 'Bad Request: Server not initialized');
  return { status: 200, body: { jsonrpc: '2.0', id, result: { ...RESULTS[method], resultType: 'complete' } } };
}

function json(response: ServerResponse, { status = 200, body }: { status?: number; body: unknown }): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('a server that is replaced', () => {
  test.each([
    ['legacy', 'modern'],
    ['modern', 'legacy'],
  ] as const)(
    'by one of the other era costs nobody a visible failure, from %s to %s and back',
    async (first, second) => {
      let era: 'legacy' | 'modern' = first;
      const ran: string[] = [];
      const url = await listen((asked, response) => {
        if (asked.id === undefined) return void response.writeHead(202).end();
        const answer = answerOf(era, asked);
        if (asked.method === 'tools/call' && answer.status === 200) ran.push(era);
        json(response, answer);
      });
      const call = await behindGateway(url);
      for (const now of [first, second, first]) {
        era = now;
        expect(await call()).toContain('"content":[]');
        expect(await call()).toContain('"content":[]');
      }
      expect(ran).toEqual([first, first, second, second, first, first]);
    },
  );
});

describe('a server that leads to another address', () => {
  const serve = (status: number, to: (url: URL) => string) =>
    listen((asked, response, request) => {
      if (request.url === '/mcp') {
        const location = to(new URL(`http://${request.headers.host}/mcp`));
        return void response.writeHead(status, { location }).end();
      }
      if (asked.id === undefined) return void response.writeHead(202).end();
      json(response, answerOf('legacy', asked));
    });

  test.each([
    [307, '/mcp/'],
    [308, '/real'],
  ])('of its own with %i, as frameworks do that mount it at a path, is served there', async (status, location) => {
    const call = await behindGateway(await serve(status, () => location));
    expect(await call()).toContain('"content":[]');
  });

  test.each([
    [301, () => '/mcp/'],
    [307, ({ port }: URL) => `http://localhost:${port}/mcp/`],
    [308, () => '/mcp'],
  ])('with %i is not followed where that is another host, no way for a POST, or a circle', async (status, to) => {
    const call = await behindGateway(await serve(status, to));
    expect(await call()).toContain(`HTTP status ${status}, which leads to`);
  });
});

test.each([
  ['with the id as text', (id: number, result: object) => ({ jsonrpc: '2.0', id: `${id}`, result })],
  ['in a batch, which revision 2025-03-26 has', (id: number, result: object) => [{ jsonrpc: '2.0', id, result }]],
])('a server that answers %s is served as it is without a gateway', async (_what, write) => {
  const url = await listen((asked, response) => {
    const { body } = answerOf('legacy', asked);
    if (asked.id === undefined) return void response.writeHead(202).end();
    json(response, { body: 'result' in body ? write(asked.id, body.result) : body });
  });
  const call = await behindGateway(url);
  expect(await call()).toContain('"content":[]');
});
