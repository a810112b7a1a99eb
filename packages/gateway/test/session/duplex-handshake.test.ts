import { Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Peer } from '../../src/protocol/peer.ts';
import { DuplexClient } from '../../src/session/duplex-client.ts';

type Said = {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { code: number };
};

/** A client of a pipe, the gateway behind it left out: every request is answered with an empty result. */
function connected() {
  const said: Said[] = [];
  const introduced = new Gate();
  const meets = Promise.withResolvers<Peer>();
  let isOpen = true;
  const endpoint = {
    infoFor: () => ObjectText.EMPTY,
    introduction: async (peer: Peer) => {
      meets.resolve(peer);
      await introduced.pass();
      return { info: ObjectText.EMPTY, capabilities: ObjectText.EMPTY, instructions: undefined };
    },
  };
  const client = new DuplexClient({
    id: 'pipe',
    caller: { name: 'operator' },
    eras: 'both',
    endpoint: endpoint as never,
    pipeline: { answer: async () => ObjectText.EMPTY, notified: async () => {} } as never,
    sessions: { add: () => true, remove: () => {} } as never,
    isOpen: () => isOpen,
    wire: { send: (frame) => said.push(JSON.parse(Buffer.concat(frame).toString())), close: () => {} },
  });
  const send = (message: object): void => client.receive(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
  const idle = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  };
  return { said, introduced, meets: meets.promise, send, idle, stop: () => (isOpen = false) };
}

const initialize = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo: { name: 'c', version: '1' } },
};
const modern = (id: number, method: string): object => ({
  id,
  method,
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

describe('each request over a pipe is answered once', () => {
  test('of the modern era', async () => {
    const { said, send, idle } = connected();
    send(modern(1, 'tools/list'));
    send(modern(2, 'tools/list'));
    await idle();
    expect(said).toMatchObject([
      { id: 1, result: {} },
      { id: 2, result: {} },
    ]);
  });

  test('the question which eras are spoken', async () => {
    const { said, send, idle } = connected();
    send(modern(1, 'server/discover'));
    await idle();
    expect(said).toMatchObject([{ id: 1, result: {} }]);
  });

  test('refused when the gateway is closing', async () => {
    const { said, send, idle, stop } = connected();
    stop();
    send({ id: 1, method: 'ping' });
    send(modern(2, 'tools/list'));
    await idle();
    expect(said).toMatchObject([
      { id: 1, error: { code: -32000, data: { code: 'GATEWAY_CLOSED' } } },
      { id: 2, error: { code: -32000, data: { code: 'GATEWAY_CLOSED' } } },
    ]);
  });
});

describe('a client that has not finished its handshake', () => {
  const news = { method: 'notifications/tools/list_changed', params: undefined };
  const question = { method: 'roots/list', params: undefined };

  test('is told nothing, and asked only afterwards', async () => {
    const { said, introduced, meets, send, idle } = connected();
    send(initialize);
    const peer = await meets;
    peer.notify(news);
    void peer.ask(question, new Cancellation());
    await idle();
    expect(said).toEqual([]);
    introduced.open();
    await idle();
    expect(said).toMatchObject([{ id: 1, result: { protocolVersion: '2025-11-25' } }]);
    send({ method: 'notifications/initialized' });
    peer.notify(news);
    expect(said.slice(1)).toMatchObject([{ method: 'roots/list' }, { method: 'notifications/tools/list_changed' }]);
  });

  test('that asks for something without a word in between has finished it', async () => {
    const { said, introduced, meets, send, idle } = connected();
    send(initialize);
    send({ method: 'notifications/initialized' });
    introduced.open();
    await idle();
    (await meets).notify(news);
    expect(said).toMatchObject([{ id: 1 }, { method: 'notifications/tools/list_changed' }]);
  });

  test.each(['ping', 'tools/list', 'server/discover'])('may ask before it: %s', async (method) => {
    const { said, introduced, meets, send, idle } = connected();
    introduced.open();
    send({ id: 0, method });
    await idle();
    send(initialize);
    send({ method: 'notifications/initialized' });
    await idle();
    expect(said).toMatchObject([
      { id: 0, result: {} },
      { id: 1, result: { protocolVersion: '2025-11-25' } },
    ]);
    const peer = await meets;
    expect(peer).toMatchObject({ version: '2025-11-25' });
    expect(peer.capabilities.toValue()).toEqual({ roots: {} });
    expect(peer.clientInfo?.text('name')).toBe('c');
    send(initialize);
    expect(said.slice(2)).toMatchObject([{ id: 1, error: { code: -32_600 } }]);
  });

  test('is answered what it asked before it, and told nothing until it is over', async () => {
    const { said, introduced, meets, send, idle } = connected();
    send({ id: 0, method: 'ping' });
    send({ method: 'notifications/initialized' });
    send(initialize);
    (await meets).notify(news);
    await idle();
    expect(said).toMatchObject([{ id: 0, result: {} }]);
    introduced.open();
    await idle();
    (await meets).notify(news);
    expect(said.slice(1)).toMatchObject([{ id: 1, result: {} }]);
    send({ id: 2, method: 'ping' });
    (await meets).notify(news);
    await idle();
    expect(said.slice(2)).toMatchObject([{ id: 2 }, { method: 'notifications/tools/list_changed' }]);
  });
});
