import { describe, expect, test } from 'vitest';
import { DuplexClient, type DuplexClientOptions } from '../../src/session/duplex-client.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { endpointOf } from '../call/fake-endpoint.ts';
import { HeldPipeline } from './held-pipeline.ts';

type Json = Record<string, unknown>;

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function open(more: Partial<DuplexClientOptions> & { maxSessions?: number } = {}) {
  const held = new HeldPipeline();
  const sent: Json[] = [];
  const state = { closed: 0, ended: 0 };
  const { maxSessions = 10, ...options } = more;
  const sessions = new Sessions({ maxSessions, idleMs: 60_000, now: () => 0, onEnd: () => void state.ended++ });
  const client = new DuplexClient({
    id: 'c',
    caller: { name: 'me' },
    endpoint: endpointOf([]),
    pipeline: held.pipeline,
    sessions,
    isOpen: () => true,
    eras: 'both',
    wire: {
      send: (frame) => void sent.push(JSON.parse(Buffer.concat(frame).toString())),
      close: () => void state.closed++,
    },
    ...options,
  });
  const write = (...frames: readonly (Json | readonly Json[])[]): void => {
    for (const frame of frames) client.receive(Buffer.from(JSON.stringify(frame)));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { client, held, sent, write, settled, sessions, state };
}

const frame = (method: string, params?: Json, id: unknown = 1): Json => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params && { params }),
});
const hello = (protocolVersion = '2025-11-25') =>
  frame('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } }, 0);
const modern = (method = 'tools/call', id: unknown = 1) => frame(method, { name: 'a', _meta: ENVELOPE }, id);

describe('a client that greets', () => {
  test('is of the legacy era from then on, whatever its requests claim', async () => {
    const { held, sent, write, settled, sessions } = open();
    write(hello('2025-06-18'), modern());
    await settled();
    expect(sent[0]).toMatchObject({ id: 0, result: { protocolVersion: '2025-06-18' } });
    expect(held.exchanges[0]?.peer).toMatchObject({ era: 'legacy', key: 'c' });
    expect(sessions.size).toBe(1);
  });

  test('with something wrong is told what, and may greet again', async () => {
    const { sent, write, settled } = open();
    write(frame('initialize', { protocolVersion: 1 }), hello());
    await settled();
    expect(sent).toMatchObject([
      { id: 1, error: { code: -32_602 } },
      { id: 0, result: {} },
    ]);
  });

  test('may send lists of frames where its revision has them, and gets an answer to each', async () => {
    const { held, sent, write, settled } = open();
    write(hello('2025-03-26'));
    await settled();
    write([frame('ping', undefined, 1), { jsonrpc: '1.0', id: 2 }, frame('ping', undefined, 3)] as never);
    await settled();
    await held.answer(1, {});
    await held.answer(0, {});
    expect(sent.slice(1).map(({ id, error }) => [id, (error as Json | undefined)?.code])).toEqual([
      [2, -32_600],
      [3, undefined],
      [1, undefined],
    ]);
  });

  test.each(['2025-06-18', '2025-11-25'])('may not where its revision (%s) has none', async (version) => {
    const { held, sent, write, settled } = open();
    write(hello(version), [frame('ping')]);
    await settled();
    expect(sent).toContainEqual(
      expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32_600 }) }),
    );
    expect(held.exchanges).toEqual([]);
  });
});

describe('a client that does not greet', () => {
  test('is modern where its first request is, and stays so', async () => {
    const { held, sent, write, settled, sessions } = open();
    write(modern(), frame('tools/list', undefined, 2), hello());
    await settled();
    expect(held.exchanges).toHaveLength(1);
    expect(held.exchanges[0]?.peer.era).toBe('modern');
    expect(sent).toMatchObject([
      { id: 2, error: { code: -32_602 } },
      { id: 0, error: { code: -32_022 } },
    ]);
    expect(sessions.size).toBe(0);
  });

  test('may ask what is spoken and greet then', async () => {
    const { held, sent, write, settled } = open();
    write(modern('server/discover', 5));
    await held.answer(0, { supportedVersions: [] });
    write(hello());
    await settled();
    expect(sent).toMatchObject([
      { id: 5, result: { resultType: 'complete' } },
      { id: 0, result: {} },
    ]);
  });

  test('is served as one of the legacy era of which nothing is known', () => {
    const { held, write } = open();
    write(frame('tools/list'));
    expect(held.exchanges[0]?.peer.era).toBe('legacy');
  });

  test('is one of the legacy era where no other is spoken', () => {
    const { held, write } = open({ eras: 'legacy' });
    write(modern());
    expect(held.exchanges[0]?.peer.era).toBe('legacy');
  });

  test('is told what is wrong with its envelope', () => {
    const { sent, write } = open();
    write(frame('tools/call', { _meta: { ...ENVELOPE, progressToken: {} } }));
    expect(sent).toMatchObject([{ id: 1, error: { code: -32_602 } }]);
  });
});

test('modern requests with equal ids get each their own answer, and are cancelled together', async () => {
  const { held, sent, write, settled } = open();
  write(modern(), modern(), modern('tools/call', 2));
  await held.answer(1, { n: 2 });
  expect(sent).toMatchObject([{ id: 1, result: { n: 2 } }]);
  write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await settled();
  expect(held.exchanges.map(({ cancellation }) => cancellation.cancelled)).toEqual([true, false, false]);
  expect(sent).toHaveLength(1);
});

test('a gateway that closes takes no new requests', () => {
  const { held, sent, write } = open({ isOpen: () => false });
  write(hello(), modern());
  expect(sent).toMatchObject([{ error: { code: -32_000 } }, { error: { code: -32_000 } }]);
  expect(held.exchanges).toEqual([]);
});

test('a client for whom there is no room is told so', async () => {
  const { sent, write, settled } = open({ maxSessions: 0 });
  write(hello());
  await settled();
  write(frame('tools/list'));
  await settled();
  expect(sent).toMatchObject([
    { error: { message: 'Too many sessions' } },
    { error: { message: 'Too many sessions' } },
  ]);
});

test('a client that goes ends all that it waits for, once, and hears nothing more', async () => {
  for (const first of [[hello(), frame('tools/call', { name: 'a' })], [modern()]]) {
    const { client, held, sent, write, settled, state } = open();
    write(...first);
    await settled();
    const before = sent.length;
    client.close();
    client.close();
    await settled();
    write(modern());
    expect(held.exchanges.every(({ cancellation }) => cancellation.cancelled)).toBe(true);
    expect([sent.length, state.closed, state.ended]).toEqual([before, 1, first.length - 1]);
  }
});
