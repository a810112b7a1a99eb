import { ProtocolError } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { AnyUpstream } from '../fixtures/any-upstream.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
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

interface Asked {
  readonly server?: string;
  readonly args?: Json;
  readonly meta?: Json;
  readonly headers?: Json;
  readonly frame?: Json;
}

async function call({ server = 'any', args = {}, meta = {}, headers = {}, frame = {} }: Asked = {}) {
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
      'content-type': 'application/json',
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
  // An event without data only gives an id.
  const lines = text.split('\n').filter((line) => line.startsWith('data: ') && line !== 'data: ');
  return lines.map((line) => JSON.parse(line.slice('data: '.length)));
}

function parsed({ status, type, text }: Awaited<ReturnType<typeof call>>) {
  return { status, type, frames: type === 'text/event-stream' ? framesOf(text) : [JSON.parse(text)] };
}

const SERVER_INFO = { 'io.modelcontextprotocol/serverInfo': { name: 'any', version: '1' } };

describe('a tool call of the 2026 era', () => {
  test.each(['any', 'any2025'])('is answered with whatever the result of a server is (%s)', async (server) => {
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
        const written = JSON.parse(JSON.stringify(said)) as Json;
        const { status, type, frames } = parsed(await call({ server }));
        expect([status, type]).toEqual([200, 'application/json']);
        const expected = { ...written, resultType: 'complete', _meta: { ...(written._meta as Json), ...SERVER_INFO } };
        expect(frames).toEqual([{ jsonrpc: '2.0', id: 7, result: expected }]);
      }),
      { numRuns: 60 },
    );
  });

  test('is answered with a kind of result that nobody here knows', async () => {
    any.answer = () => ({ content: [], resultType: 'task', task: { taskId: 't1' } });
    const { frames } = parsed(await call());
    expect(frames[0]?.result).toMatchObject({ resultType: 'task', task: { taskId: 't1' } });
  });

  test.each([
    [-32_602, 'bad', undefined, 200],
    [-32_021, 'capabilities', {}, 400],
    [-32_603, '', null, 200],
    [-1, 'own', [1], 200],
  ])('is answered with the error %i of a server', async (code, message, data, expected) => {
    any.answer = () => {
      throw new ProtocolError(code, message, data);
    };
    const { status, type, frames } = parsed(await call());
    expect([status, type]).toEqual([expected, 'application/json']);
    expect(frames).toEqual([{ jsonrpc: '2.0', id: 7, error: { code, message, ...(data !== undefined && { data }) } }]);
  });

  test('is a stream of events where something is told on the way', async () => {
    any.answer = () => ({ content: [] });
    const { type, frames } = parsed(await call({ args: { step: 'half' }, meta: { progressToken: 'p' } }));
    expect(type).toBe('text/event-stream');
    expect(frames[0]).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 'p', message: 'half' },
    });
    expect(frames[1]).toMatchObject({ id: 7, result: { content: [] } });
    expect(frames).toHaveLength(2);
  });

  test('may have any number for an id, and gets it back as it was written', async () => {
    any.answer = () => ({ content: [] });
    const { frames } = parsed(await call({ frame: { id: 1.5 } }));
    expect(frames).toMatchObject([{ id: 1.5, result: { content: [] } }]);
  });

  test('is answered where its client takes anything', async () => {
    any.answer = () => ({ content: [] });
    const { status, type } = await call({ headers: { accept: '*/*' } });
    expect([status, type]).toEqual([200, 'application/json']);
  });

  test.each<[string, Asked, number]>([
    ['an envelope that is none', { meta: { 'io.modelcontextprotocol/clientInfo': 'raw' } }, -32_602],
    ['a client that is null', { meta: { 'io.modelcontextprotocol/clientInfo': null } }, -32_602],
    ['capabilities of the wrong kind', { meta: { 'io.modelcontextprotocol/clientCapabilities': [] } }, -32_602],
    ['a log level that is none', { meta: { 'io.modelcontextprotocol/logLevel': 'loud' } }, -32_602],
    ['a progress token of the wrong kind', { meta: { progressToken: {} } }, -32_602],
    ['another version in the header', { headers: { 'mcp-protocol-version': '2025-11-25' } }, -32_020],
    ['another method in the header', { headers: { 'mcp-method': 'tools/list' } }, -32_020],
    ['another name in the header', { headers: { 'mcp-name': 'other' } }, -32_020],
    ['an id that is none', { frame: { id: {} } }, -32_600],
    ['a frame of another kind', { frame: { jsonrpc: '1.0' } }, -32_600],
  ])('is refused for %s', async (_what, asked, code) => {
    any.answer = () => ({ content: [] });
    const { status, frames } = parsed(await call(asked));
    expect(status).toBe(400);
    expect(frames).toMatchObject([{ jsonrpc: '2.0', error: { code } }]);
  });
});

describe('a tool call of a session', () => {
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };

  /** Begins a session; the function sends frames in it. */
  async function session(capabilities: Json = {}) {
    const post = (frame: Json, headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
      fetch(`${url}/any`, {
        method: 'POST',
        signal,
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
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

  async function answerTo(...asked: Parameters<typeof frame>) {
    const send = await session();
    const response = await send(frame(...asked));
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).not.toBeNull();
    return parsed({ status: 200, type: response.headers.get('content-type'), text: await response.text() });
  }

  test.each<[string, Json]>([
    ['text', { content: [{ type: 'text', text: 'ünï😀', 'x-kept': 1 }], 'x-result': ['kept'] }],
    ['structure that is no object', { content: [], structuredContent: [1, 2] }],
    ['an error', { content: [], isError: true }],
  ])('is answered with %s, in one piece', async (_what, result) => {
    any.answer = () => result;
    const { type, frames } = await answerTo();
    expect(type).toBe('application/json');
    expect(frames).toEqual([{ jsonrpc: '2.0', id: 7, result }]);
  });

  test('is a stream of events where something is told on the way', async () => {
    any.answer = () => ({ content: [] });
    const { type, frames } = await answerTo({ step: 'half' }, { progressToken: 'p' });
    expect(type).toBe('text/event-stream');
    expect(frames).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: 'p', progress: 1, message: 'half' },
      },
      { jsonrpc: '2.0', id: 7, result: { content: [] } },
    ]);
  });

  test('that its client cancels ends at the server, and its stream without an answer', async () => {
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

  test('goes on when its client only hangs up', async () => {
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

test('a tool call of somebody who is no longer let in ends at once, at the server too', async () => {
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
