import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { MetaKey } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { Connection } from '../../src/upstream/connection.ts';
import { askEra } from '../../src/upstream/handshake.ts';
import { FakeLink } from './fake-link.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a program that takes its time to start is pinged as a modern client would, and is served as modern', async () => {
  const link = new FakeLink(false);
  const connection = new Connection({
    server: 's',
    link,
    clientInfo: ObjectText.from({ name: 'lockgate', version: '0' }),
    capabilities: ObjectText.EMPTY,
    onNews: () => {},
    onStray: () => {},
    onError: () => {},
    ask: async () => ObjectText.EMPTY,
  });
  await connection.start();
  const asked = askEra(connection, new Cancellation(), { isProgram: true, timeoutMs: 30_000 });
  await vi.advanceTimersByTimeAsync(500);
  const [discover, ping] = link.sent.map(({ frame }) => frame);
  // A server of the official SDK serves a connection of which a request lacks the envelope as one of the legacy era.
  for (const sent of [discover, ping]) {
    expect(sent?.params).toMatchObject({ _meta: { [MetaKey.protocolVersion]: '2026-07-28' } });
  }
  expect(ping?.method).toBe('ping');
  link.write(`{"jsonrpc":"2.0","id":${discover?.id},"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}}`);
  link.write(`{"jsonrpc":"2.0","id":${ping?.id},"error":{"code":-32601,"message":"Method not found"}}`);
  expect(await asked).toBe('open');
  expect(connection.isModern).toBe(true);
});
