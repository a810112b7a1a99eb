import { ProtocolError, Server } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { type RawAnswer, rawRequest, rawSession } from '../fixtures/raw-request.ts';
import { type ServedHttp, serveHttp } from '../fixtures/serve-http.ts';

type Json = Record<string, unknown>;

const icon = { src: 'data:image/png;base64,AA==', mimeType: 'image/png', sizes: ['16x16'], theme: 'dark', 'x-kept': 1 };
const besides = { _meta: { 'example.com/list': { deep: [1, { two: null }] } }, 'x-list': 'kept' };
const tool = {
  name: 'odd.tool',
  title: 'Odd',
  description: 'A tool with everything there is, and more',
  icons: [icon],
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { a: { $anchor: 'b' } },
    if: {},
    'x-schema': 1,
  },
  outputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  annotations: {
    title: 'T',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
    'x-hint': [],
  },
  _meta: { ui: { resourceUri: 'ui://x' } },
  'x-unknown': { kept: true },
};
const annotations = { audience: ['user'], priority: 0.5, lastModified: '2026-01-01T00:00:00Z', 'x-more': 0 };

/** What the server answers, method by method; nothing of it is known to any schema as a whole. */
const ANSWERS: Record<string, Json> = {
  'tools/list': { ...besides, tools: [tool] },
  'tools/call': {
    content: [
      { type: 'text', text: 'ünï😀\u0000', annotations, _meta: { k: 'v' }, 'x-block': 1 },
      { type: 'resource_link', uri: 'x://y', name: 'y', title: 'Y', icons: [icon], size: 3 },
      { type: 'resource', resource: { uri: 'x://z', text: '', mimeType: 'text/plain', _meta: { e: 1 } } },
    ],
    structuredContent: { n: -0.5e-7, deep: { list: [[], {}, null, false] } },
    isError: false,
    _meta: { 'example.com/result': true },
    'x-result': ['kept'],
  },
  'resources/list': {
    ...besides,
    resources: [{ uri: 'x://a b', name: 'a', title: 'A', annotations, size: 1, icons: [icon], _meta: {} }],
  },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'x://{id}', name: 't', 'x-t': 1 }] },
  'resources/read': {
    contents: [{ uri: 'x://a b', blob: 'AA==', mimeType: 'a/b', _meta: { m: 1 }, 'x-c': 2 }],
    'x-read': 1,
  },
  'prompts/list': {
    prompts: [
      { name: 'p', title: 'P', arguments: [{ name: 'q', title: 'Q', required: true, 'x-a': 1 }], icons: [icon] },
    ],
  },
  'prompts/get': {
    description: 'd',
    messages: [{ role: 'user', content: { type: 'text', text: 'hi', _meta: {} }, 'x-m': 1 }],
  },
  'completion/complete': { completion: { values: ['a'], total: 9, hasMore: true, 'x-v': 1 } },
};

const REQUESTS: Record<string, Json> = {
  'tools/call': {
    name: 'odd.tool',
    arguments: { a: [1, 'ü', null], 'x y': {} },
    _meta: { 'example.com/asked': [1] },
    'x-param': 1,
  },
  'resources/read': { uri: 'x://a b', 'x-param': 1 },
  'prompts/get': { name: 'p', arguments: { q: '1' }, 'x-param': 1 },
  'completion/complete': {
    ref: { type: 'ref/prompt', name: 'p', title: 'P' },
    argument: { name: 'q', value: '' },
    context: { arguments: { o: '1' } },
  },
};

const received: Json[] = [];

function oddServer(): Server {
  const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {}, experimental: { 'x/y': {} } };
  const server = new Server({ name: 'odd', version: '1' }, { capabilities });
  server.fallbackRequestHandler = async ({ method, params }, { mcpReq }) => {
    received.push({ method, ...params, _meta: mcpReq._meta });
    if (params?.name === 'fails') throw new ProtocolError(-32_042, 'odd failure', { kept: [1] });
    const answer = ANSWERS[method];
    if (!answer) throw new ProtocolError(-32_601, `no ${method}`, { method });
    return answer;
  };
  return server;
}

const upstreams: Record<string, ServedHttp> = {};
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  upstreams.modern = await serveHttp(oddServer);
  upstreams.legacy = await serveHttp(oddServer, { only2025: true });
  gateway = await createGateway({
    gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
    mcpServers: { modern: { url: upstreams.modern.url }, legacy: { url: upstreams.legacy.url } } as never,
  });
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
});

/** Members that each server of the 2026 era adds by itself. */
function withoutStamps({ body }: RawAnswer): Json {
  const {
    _meta,
    ttlMs: _ttl,
    cacheScope: _scope,
    resultType: _type,
    ...rest
  } = (body.result ?? {}) as Json & { _meta?: Json };
  const { 'io.modelcontextprotocol/serverInfo': _info, ...meta } = _meta ?? {};
  return { ...rest, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
}

describe.each(['modern', 'legacy'] as const)('a server of the %s era', (behind) => {
  test.each(Object.keys(ANSWERS))('%s reaches clients of both eras as the server wrote it', async (method) => {
    const viaModern = await rawRequest(`${url}/${behind}`, method, REQUESTS[method]);
    const session = await rawSession(`${url}/${behind}`);
    const viaLegacy = await session(method, REQUESTS[method]);
    expect(withoutStamps(viaModern)).toEqual(ANSWERS[method]);
    expect(withoutStamps(viaLegacy)).toEqual(ANSWERS[method]);
  });

  test.each(Object.keys(REQUESTS))('the server receives %s as the client wrote it', async (method) => {
    received.length = 0;
    await rawRequest(`${url}/${behind}`, method, REQUESTS[method]);
    expect(received).toEqual([{ _meta: undefined, ...REQUESTS[method], method }]);
  });

  test('an error of the server keeps its code, message and data', async () => {
    const session = await rawSession(`${url}/${behind}`);
    const expected = { code: -32_042, message: 'odd failure', data: { kept: [1] } };
    expect((await session('prompts/get', { name: 'p' })).body.error).toBeUndefined();
    const direct = await rawSession(upstreams.legacy?.url ?? '');
    expect((await direct('prompts/get', { name: 'fails' })).body.error).toEqual(expected);
    const failing = await session('vendor/odd', { name: 'fails' });
    expect(failing.body.error).toEqual(expected);
  });

  test('a method that only the server knows goes to it where it alone can be meant', async () => {
    received.length = 0;
    const session = await rawSession(`${url}/${behind}`);
    const answer = await session('vendor/anything', { x: 1 });
    expect(received).toEqual([expect.objectContaining({ method: 'vendor/anything', x: 1 })]);
    expect(answer.body.error).toEqual({
      code: -32_601,
      message: 'no vendor/anything',
      data: { method: 'vendor/anything' },
    });
  });
});
