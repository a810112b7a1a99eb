import { ProtocolError } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { AnyUpstream } from '../fixtures/any-upstream.ts';
import { type ServedHttp, serveHttp } from '../fixtures/serve-http.ts';
import { connect } from './clients.ts';

type Json = Record<string, unknown>;

const KEYS = ['the-key-of-ann-which-is-long-enough', 'the-key-of-bob-which-is-long-enough'] as const;

let upstream: ServedHttp;
let upstream2025: ServedHttp;
let gateway: Gateway;
let url: string;
const any = new AnyUpstream();

const config = (keys: readonly string[]) => ({
  gateway: {
    listen: '127.0.0.1:0',
    prefix: 'auto' as const,
    auth: { apiKeys: keys.map((key) => ({ name: key, key })) },
  },
  mcpServers: { any: { url: upstream.url }, any2025: { url: upstream2025.url } },
});

beforeAll(async () => {
  upstream = await serveHttp(any.make);
  upstream2025 = await serveHttp(any.make, { only2025: true });
  gateway = await createGateway(config(KEYS) as never);
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
  await upstream2025.close();
});

const PLAIN = 'application/json';
/** Says the same, but not in the words of a plain call: the SDK answers it. */
const UNUSUAL = 'application/json; charset=utf-8';

interface Asked {
  readonly server?: string;
  readonly type?: string;
  readonly args?: Json;
  readonly meta?: Json;
  readonly headers?: Json;
  readonly frame?: Json;
}

async function call({ server = 'any', type = PLAIN, args = {}, meta = {}, headers = {}, frame = {} }: Asked = {}) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
    ...meta,
  };
  const response = await fetch(`${url}/${server}`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': type,
      authorization: `Bearer ${KEYS[0]}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'any',
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'any', arguments: args, _meta },
      ...frame,
    }),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

function framesOf(text: string): (Json & { result?: Json })[] {
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => JSON.parse(line.slice('data: '.length)));
}

function parsed({ status, type, text }: Awaited<ReturnType<typeof call>>) {
  return { status, type, frames: type === 'text/event-stream' ? framesOf(text) : [JSON.parse(text)] };
}

describe('a plain call is answered as the SDK would answer it', () => {
  const both = async (asked: Asked = {}) => {
    const [plain, unusual] = [await call(asked), await call({ ...asked, type: UNUSUAL })];
    return [parsed(plain), parsed(unusual)] as const;
  };

  test.each(['any', 'any2025'])('whatever the result of a server is (%s)', async (server) => {
    const result = fc.record(
      {
        content: fc.array(fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'grapheme' }) })),
        structuredContent: fc.dictionary(fc.string(), fc.jsonValue()),
        isError: fc.boolean(),
        _meta: fc.dictionary(fc.stringMatching(/^[a-z]+\/[a-z]+$/), fc.jsonValue()),
        extra: fc.jsonValue(),
      },
      { requiredKeys: ['content'] },
    );
    await fc.assert(
      fc.asyncProperty(result, async (said) => {
        any.answer = () => said;
        const [plain, unusual] = await both({ server });
        expect(plain).toEqual(unusual);
        expect(plain.frames[0]?.result?.content).toEqual(said.content);
      }),
      { numRuns: 60 },
    );
  });

  test('with a kind of result that the SDK does not know', async () => {
    any.answer = () => ({ content: [], resultType: 'task', task: { taskId: 't1' } });
    const [plain, unusual] = await both();
    expect(plain).toEqual(unusual);
    expect(plain.frames[0]?.result).toMatchObject({ resultType: 'task', task: { taskId: 't1' } });
  });

  test.each([
    [-32_602, 'bad', undefined],
    [-32_002, 'not there', { uri: 'x' }],
    [-32_021, 'capabilities', {}],
    [-32_603, '', null],
    [-1, 'own', [1]],
  ])('with the error %i', async (code, message, data) => {
    any.answer = () => {
      throw new ProtocolError(code, message, data);
    };
    const [plain, unusual] = await both();
    expect(plain).toEqual(unusual);
    expect(plain.frames[0]?.error).toBeDefined();
  });

  test('with what it is told on the way', async () => {
    any.answer = () => ({ content: [] });
    const [plain, unusual] = await both({ args: { step: 'half' }, meta: { progressToken: 'p' } });
    expect(plain).toEqual(unusual);
    expect(plain.type).toBe('text/event-stream');
    expect(plain.frames[0]).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 'p', message: 'half' },
    });
    expect(plain.frames[1]).toMatchObject({ id: 7, result: { content: [] } });
  });

  test.each<[string, Asked]>([
    ['an envelope that is none', { meta: { 'io.modelcontextprotocol/clientInfo': 'raw' } }],
    ['a client that is null', { meta: { 'io.modelcontextprotocol/clientInfo': null } }],
    ['capabilities of the wrong kind', { meta: { 'io.modelcontextprotocol/clientCapabilities': [] } }],
    ['a log level that is none', { meta: { 'io.modelcontextprotocol/logLevel': 'loud' } }],
    ['a progress token of the wrong kind', { meta: { progressToken: {} } }],
    ['another version in the header', { headers: { 'mcp-protocol-version': '2025-11-25' } }],
    ['another method in the header', { headers: { 'mcp-method': 'tools/list' } }],
    ['another name in the header', { headers: { 'mcp-name': 'other' } }],
    ['an id that is none', { frame: { id: 1.5 } }],
    ['a frame of another kind', { frame: { jsonrpc: '1.0' } }],
  ])('with a refusal for %s', async (_what, asked) => {
    any.answer = () => ({ content: [] });
    // Envelopes in order are known from here on, one of them without a client.
    await call();
    await call({ meta: { 'io.modelcontextprotocol/clientInfo': undefined } });
    const [plain, unusual] = await both(asked);
    expect(plain).toEqual(unusual);
    expect(plain.status).toBe(400);
  });
});

describe('a plain call of a session is answered as the SDK would answer it', () => {
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };

  /** Begins a session; the function sends frames in it. */
  async function session(capabilities: Json = {}) {
    const post = (frame: Json, headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
      fetch(`${url}/any`, {
        method: 'POST',
        signal,
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': PLAIN,
          authorization: `Bearer ${KEYS[0]}`,
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', ...frame }),
      });
    const begun = await post({ id: 0, method: 'initialize', params: { ...hello, capabilities } });
    await begun.text();
    const id = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
    await post({ method: 'notifications/initialized' }, id);
    return (frame: Json, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      post(frame, { ...id, ...headers }, signal);
  }

  const frame = (args: Json = {}, meta?: Json): Json => ({
    id: 7,
    method: 'tools/call',
    params: { name: 'any', arguments: args, ...(meta && { _meta: meta }) },
  });

  async function both(...asked: Parameters<typeof frame>) {
    const send = await session();
    const read = async (headers: Record<string, string>) => {
      const response = await send(frame(...asked), headers);
      const head = ['content-type', 'mcp-session-id', 'cache-control'].map((name) => response.headers.get(name));
      return { status: response.status, head, text: await response.text() };
    };
    return [await read({}), await read({ 'content-type': UNUSUAL })] as const;
  }

  test.each<[string, Json]>([
    ['text', { content: [{ type: 'text', text: 'ünï😀', 'x-kept': 1 }], 'x-result': ['kept'] }],
    ['structure that is no object', { content: [], structuredContent: [1, 2] }],
    ['an error', { content: [], isError: true }],
  ])('%s', async (_what, result) => {
    any.answer = () => result;
    const [plain, unusual] = await both();
    expect(framesOf(plain.text)).toEqual(framesOf(unusual.text));
    expect(framesOf(plain.text)).toEqual([expect.objectContaining({ id: 7, result: expect.anything() })]);
    expect([plain.status, plain.head[0]]).toEqual([unusual.status, unusual.head[0]]);
    expect(plain.head[1]).not.toBeNull();
  });

  test('with what it is told on the way', async () => {
    any.answer = () => ({ content: [] });
    const [plain, unusual] = await both({ step: 'half' }, { progressToken: 'p' });
    expect(framesOf(plain.text)).toEqual(framesOf(unusual.text));
    expect(framesOf(plain.text)).toMatchObject([{ method: 'notifications/progress' }, { id: 7, result: {} }]);
  });

  test('unless its client has cancelled it: then it ends at the server, and its stream without an answer', async () => {
    const send = await session();
    any.waiting = Promise.withResolvers();
    const calling = send(frame({ wait: true })).then((response) => response.text());
    const signal = await any.waiting.promise;
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    const cancel = { method: 'notifications/cancelled', params: { requestId: 7, reason: 'changed my mind' } };
    expect((await send(cancel)).status).toBe(202);
    await ended;
    expect(await calling).toBe('');
  });

  test('and goes on when its client only hangs up', async () => {
    const send = await session();
    any.waiting = Promise.withResolvers();
    const leaving = new AbortController();
    const left = send(frame({ wait: true }), {}, leaving.signal).catch(() => 'left');
    const signal = await any.waiting.promise;
    leaving.abort();
    expect(await left).toBe('left');
    any.answer = () => ({ content: [] });
    await (await send({ ...frame(), id: 8 })).text(); // the gateway has had time to see it
    expect(signal.aborted).toBe(false);
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await send({ method: 'notifications/cancelled', params: { requestId: 7 } });
    await ended;
  });
});

test('a plain call of somebody who is no longer let in ends at once, at the server too', async () => {
  any.waiting = Promise.withResolvers();
  await using client = await connect(`${url}/any`, 'modern', { authorization: `Bearer ${KEYS[1]}` });
  const calling = client.callTool({ name: 'any', arguments: { wait: true } });
  calling.catch(() => {});
  const signal = await any.waiting.promise;
  const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
  await gateway.reconfigure(config(KEYS.slice(0, 1)) as never);
  await ended;
  await expect(calling).rejects.toThrow();
});
