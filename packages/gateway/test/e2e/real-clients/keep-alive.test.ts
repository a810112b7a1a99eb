import { Server } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Gateway } from '../../../src/gateway.ts';
import { createGateway } from '../../fixtures/patient-gateway.ts';
import { type ServedHttp, serveHttp } from '../../fixtures/serve-http.ts';
import { openCutProxy } from './cut-proxy.ts';
import { type RealClient, type Transport, textOf } from './real-client.ts';
import { firstHttpSdk, firstSdk, lastSdk, openSdkOne, type SdkOne } from './sdk-one.ts';
import { openSdkTwo, SDK_TWO } from './sdk-two.ts';
import type { Addresses } from './served-gateway.ts';

let upstream: ServedHttp;
let gateway: Gateway;
let addresses: Addresses;
/** Calls of `hold` that wait, and what lets each go. */
let asked = Promise.withResolvers<() => void>();

/** A server whose one tool says nothing until the test lets it go. */
function silentServer(): Server {
  const server = new Server({ name: 'silent', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: [{ name: 'hold', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler('tools/call', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    asked.resolve(resolve);
    await promise;
    return { content: [{ type: 'text' as const, text: 'at last' }] };
  });
  return server;
}

beforeAll(async () => {
  upstream = await serveHttp(silentServer);
  // The gateway's timers stand still but for what a test advances; those of the clients and of Node run on.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { silent: { url: upstream.url } },
  } as never);
  await gateway.started();
  const { url: http } = await gateway.listen();
  addresses = { http, sse: http.replace(/mcp$/, 'sse'), stdio: { command: '', args: [], env: {} } };
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
  vi.useRealTimers();
});

/** What a call of 38 silent seconds is to a client: nothing that it should notice. */
async function holdFor38Seconds<T>(call: Promise<T>): Promise<T> {
  const go = await asked.promise;
  asked = Promise.withResolvers();
  vi.advanceTimersByTime(38_000);
  go();
  return call;
}

const one = (sdk: () => Promise<SdkOne>, transport: Transport) => async (): Promise<RealClient> =>
  openSdkOne(await sdk(), transport, addresses);

describe('a call that says nothing for 38 seconds', () => {
  test.each([
    ['SDK 1.0.0 over HTTP+SSE', one(firstSdk, 'HTTP+SSE')],
    ['SDK 1.10.0 over streamable HTTP', one(firstHttpSdk, 'streamable HTTP')],
    ['SDK 1.32.2 over streamable HTTP', one(lastSdk, 'streamable HTTP')],
    ['SDK 2.4.0 over streamable HTTP, legacy era', () => openSdkTwo('legacy', 'streamable HTTP', addresses)],
    ['SDK 2.4.0 over streamable HTTP, modern era', () => openSdkTwo('modern', 'streamable HTTP', addresses)],
  ])('is answered to TypeScript %s', async (_, open) => {
    await using client = await open();
    expect(textOf(await holdFor38Seconds(client.call('hold')))).toBe('at last');
  });

  test.each([
    ['legacy', async () => ({ 'mcp-session-id': await beginSession() }), {}],
    [
      'modern',
      async () => ({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'hold' }),
      {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    ],
  ])('shows a client of the %s era after 5, 20 and 35 seconds that it lives', async (_, headers, _meta) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'hold', arguments: {}, _meta } };
    const response = await holdFor38Seconds(post(await headers(), body));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const text = await response.text();
    expect(text.match(/^: keepalive$/gm)).toHaveLength(3);
    expect(text).toContain('at last');
  });

  test('is answered as JSON, in one piece, to a client that takes no streams', async () => {
    const headers = { 'mcp-session-id': await beginSession(), accept: 'application/json' };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'hold', arguments: {} } };
    const response = await holdFor38Seconds(post(headers, body));
    expect(await response.json()).toMatchObject({ id: 1, result: { content: [{ text: 'at last' }] } });
  });
});

test.each([
  ['SDK 1.32.2', async (to: Addresses) => openSdkOne(await lastSdk(), 'streamable HTTP', to)],
  [`SDK ${SDK_TWO}`, (to: Addresses) => openSdkTwo('legacy', 'streamable HTTP', to)],
])('TypeScript %s gets an answer that came while its stream was broken', async (_, open) => {
  await using proxy = await openCutProxy(addresses.http);
  await using client = await open({ ...addresses, http: proxy.url });
  const call = client.call('hold');
  const go = await asked.promise;
  asked = Promise.withResolvers();
  vi.advanceTimersByTime(6_000);
  // The sign of life begins the stream of the call, with an id to resume after.
  await proxy.passed(/: keepalive/);
  await client.common.ping();
  const resumed = proxy.cut();
  go();
  await resumed;
  expect(textOf(await call)).toBe('at last');
});

describe('a stream on which nothing happens for 38 seconds', () => {
  test.each([
    ['of a session', () => addresses.http],
    ['of the oldest transport', () => addresses.sse],
  ])('%s shows that it lives', async (_, address) => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': await beginSession() };
    const leaving = new AbortController();
    const { body } = await fetch(address(), { headers, signal: leaving.signal });
    vi.advanceTimersByTime(38_000);
    let text = '';
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.match(/^: keepalive$/gm)?.length === 3) break;
    }
    leaving.abort();
  });
});

function post(headers: object, body: object): Promise<Response> {
  const types = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return fetch(addresses.http, { method: 'POST', headers: { ...types, ...headers }, body: JSON.stringify(body) });
}

async function beginSession(): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const response = await post({}, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}
