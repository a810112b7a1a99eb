import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createGateway } from '../../src/index.ts';

const page = readFileSync(fileURLToPath(new URL('../../../../docs/architecture.md', import.meta.url)), 'utf8');
const sources = fileURLToPath(new URL('../../src/', import.meta.url));

/** Files that only hand parts to each other; what a call uses of them is a function handed on. */
const COMPOSITION = ['gateway.ts', 'gateway-http.ts', 'gateway-parts.ts', 'observe/open-telemetry.ts'];

const [, walk = ''] = page.split('## The walk of one `tools/call`');
const table = walk
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('|'))
  .join('\n');
const named = [...(table ?? '').matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file as string);

test('the walk names files that exist, each once', () => {
  const existing = new Set(globSync('**/*.ts', { cwd: sources }));
  expect(named.filter((file) => !existing.has(file))).toEqual([]);
  expect(named.filter((file, index) => named.indexOf(file) !== index)).toEqual([]);
});

test('the walk names the files that a call enters, and no others', async () => {
  await using server = await legacyServer();
  const mcpServers = { one: { url: server.url } };
  await using gateway = await createGateway({ gateway: { listen: '127.0.0.1:0' }, mcpServers });
  const { url } = await gateway.listen();
  await gateway.started();
  const client = new LegacyClient(url);
  await client.initialize();
  await client.call();

  const profiler = new Session();
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  // Functions that run for the first time are compiled then, and counted from their next call on.
  await client.call();
  await profiler.post('Profiler.takePreciseCoverage');
  const answer = await client.call();
  const { result } = await profiler.post('Profiler.takePreciseCoverage');
  profiler.disconnect();

  expect(answer).toContain('"hi"');
  const entered = result
    .filter(({ functions }) => functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0]?.count))
    .flatMap(({ url: at }) => /\/packages\/gateway\/src\/(.+\.ts)$/.exec(at)?.[1] ?? [])
    .filter((file) => !COMPOSITION.includes(file));
  expect([...new Set(entered)].sort()).toEqual([...named].sort());
});

/** A server of the legacy era with one tool, which answers as JSON. */
async function legacyServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'one', version: '1' },
    },
    'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'hi' }] },
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') {
      response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
      return;
    }
    const { id, method } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const result = results[method];
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'session' });
    const outcome = result ? { result } : { error: { code: -32_601, message: 'Method not found' } };
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }));
  };
  const server = createServer((request, response) => void answer(request, response));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A client of the legacy era that sends what it must and no more. */
class LegacyClient {
  readonly #url: string;
  readonly #headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };

  constructor(url: string) {
    this.#url = url;
  }

  async initialize(): Promise<void> {
    const protocolVersion = '2025-11-25';
    const clientInfo = { name: 'client', version: '1' };
    const params = { protocolVersion, capabilities: {}, clientInfo };
    const answer = await this.#post({ id: 0, method: 'initialize', params });
    this.#headers['mcp-session-id'] = answer.headers.get('mcp-session-id') ?? '';
    this.#headers['mcp-protocol-version'] = protocolVersion;
    await this.#post({ method: 'notifications/initialized' });
  }

  async call(): Promise<string> {
    const answer = await this.#post({ id: 1, method: 'tools/call', params: { name: 'one__echo', arguments: {} } });
    return answer.text();
  }

  #post(message: object): Promise<Response> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return fetch(this.#url, { method: 'POST', headers: this.#headers, body });
  }
}
