import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { introduced, serveScripted } from '../fixtures/scripted-server.ts';
import { connect, textOf } from './clients.ts';

const key = (name: string): string => `${name}-is-a-key-of-many-characters-indeed`;
const tools = ['get', 'delete'].map((name) => ({ name, inputSchema: { type: 'object' } }));

let server: Awaited<ReturnType<typeof serveScripted>>;
let gateway: Gateway | undefined;
let calls = 0;

beforeAll(async () => {
  server = await serveScripted(({ era, method, params }) => {
    if (method === 'initialize' || method === 'server/discover') return introduced(era, { tools: {}, resources: {} });
    if (method === 'tools/list') return { result: { tools } };
    if (method === 'resources/list') return { result: { resources: [{ uri: 'x://a', name: 'a' }] } };
    if (method === 'resources/read') return { result: { contents: [{ uri: params.uri, text: 'read' }] } };
    if (method !== 'tools/call') return { error: { code: -32_601, message: 'no' } };
    calls++;
    return { result: { content: [{ type: 'text', text: 'done' }] } };
  });
});

afterEach(async () => {
  await gateway?.close();
  calls = 0;
});

afterAll(() => server?.[Symbol.asyncDispose]());

async function open(limits: object): Promise<string> {
  const apiKeys = ['a', 'b'].map((name) => ({ name, key: key(name), ...(name === 'b' && { roles: ['reader'] }) }));
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    roles: { reader: { tools: { allow: ['git/get'] } } },
    limits,
    mcpServers: { git: { url: server.url } },
  } as never);
  await gateway.started();
  return (await gateway.listen()).url;
}

const as = (url: string, name: string, era: 'legacy' | 'modern' = 'legacy') =>
  connect(url, era, { authorization: `Bearer ${key(name)}` });

test('a call above a limit is a result that says when to come back, in whatever session, and others are as before', async () => {
  const url = await open({ few: { calls: 2, per: 'hour' } });
  await using one = await as(url, 'a');
  await using two = await as(url, 'a', 'modern');
  await using other = await as(url, 'b');
  const get = { name: 'git__get', arguments: {} };
  await one.callTool(get);
  await two.callTool(get);
  for (const client of [one, two]) {
    const refused = await client.callTool(get);
    expect(textOf(refused)).toMatch(
      /^Not called: limit "few" allows 2 calls an hour for each caller.* Try again in 3600 seconds/,
    );
    expect(refused).toMatchObject({ isError: true });
    expect(refused._meta).toMatchObject({
      'dev.lockgate/error': 'GATEWAY_LIMIT_REACHED',
      'dev.lockgate/retryAfterSeconds': 3_600,
    });
  }
  expect(textOf(await other.callTool(get))).toBe('done');
  expect(calls).toBe(3);
});

test('of parallel calls of both eras no more reach the server than a limit allows', async () => {
  const url = await open({ few: { calls: 5, per: 'hour' }, day: { calls: 9, per: 'day', by: [] } });
  await using one = await as(url, 'a');
  await using two = await as(url, 'a', 'modern');
  await using other = await as(url, 'b');
  const all = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      [one, two, other][index % 3]?.callTool({ name: 'git__get', arguments: {} }),
    ),
  );
  expect(all.filter((result) => result?.isError !== true)).toHaveLength(9);
  expect(calls).toBe(9);
});

test('what a role refuses costs nothing', async () => {
  const url = await open({ few: { calls: 2, per: 'hour' } });
  await using reader = await as(url, 'b');
  await expect(reader.callTool({ name: 'git__delete', arguments: {} })).rejects.toThrow('Unknown tool');
  await expect(reader.callTool({ name: 'git__other', arguments: {} })).rejects.toThrow('Unknown tool');
  expect(textOf(await reader.callTool({ name: 'git__get', arguments: {} }))).toBe('done');
  expect(textOf(await reader.callTool({ name: 'git__get', arguments: {} }))).toBe('done');
  expect(textOf(await reader.callTool({ name: 'git__get', arguments: {} }))).toMatch(/^Not called/);
});

test('other requests are refused with -32029, in the modern era by HTTP 429', async () => {
  const url = await open({ few: { calls: 1, per: 'hour' } });
  await using legacy = await as(url, 'a');
  await legacy.readResource({ uri: 'x://a' });
  await expect(legacy.readResource({ uri: 'x://a' })).rejects.toMatchObject({
    code: -32_029,
    data: { code: 'GATEWAY_LIMIT_REACHED', limit: 'few', retryAfterSeconds: 3_600 },
  });
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key('a')}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'resources/read',
      'mcp-name': 'x://a',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'x://a', _meta: meta } }),
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3600']);
  expect(await response.json()).toMatchObject({ id: 1, error: { code: -32_029, data: { retryAfterSeconds: 3_600 } } });
});

test('a changed configuration changes limits at once', async () => {
  const url = await open({});
  await using client = await as(url, 'a');
  const get = async () => textOf(await client.callTool({ name: 'git__get', arguments: {} }));
  expect([await get(), await get()]).toEqual(['done', 'done']);
  const config = { calls: 1, per: 'day', by: ['tool'] };
  const apiKeys = [{ name: 'a', key: key('a') }];
  await gateway?.reconfigure({
    gateway: { listen: '127.0.0.1:0', auth: { apiKeys } },
    limits: { tool: config },
    mcpServers: { git: { url: server.url } },
  } as never);
  expect(await get()).toBe('done');
  expect(await get()).toMatch(/limit "tool" allows 1 call a day for each tool/);
});
