import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BaseLogLevel, setLogLevel } from '../../src/upstream/base-log-level.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const LOGGING = { capabilities: { logging: {} } };
const client = (key: string, logLevel?: string) => fakeExchange('legacy', { peer: { key, logLevel } }).peer;

async function shared(answer = '"result":{}') {
  const { connection, link } = await openFakeConnection('legacy', LOGGING);
  link.answer = () => answer;
  const onError = vi.fn();
  const level = new BaseLogLevel(() => connection, onError);
  const set = (): unknown[] => link.sent.map(({ frame }) => frame.params?.level);
  return { level, set, onError, link };
}

describe('the level of a connection that clients share', () => {
  test('is the least severe that any of them wants, and is said when it changes', async () => {
    const { level, set } = await shared();
    await level.set(client('a', 'error'));
    await level.set(client('b', 'info'));
    await level.set(client('c', 'warning'));
    await level.set(client('d'));
    await level.set(client('a', 'debug'));
    expect(set()).toEqual(['error', 'info', 'debug']);
  });

  test('is said again on a new connection, without those who have gone', async () => {
    const { level, set } = await shared();
    await level.set(client('a', 'debug'));
    await level.set(client('b', 'error'));
    level.forget(client('a'));
    level.renew();
    expect(set()).toEqual(['debug', 'error']);
  });

  test('is a wish: a server that refuses it fails nobody', async () => {
    const { level, onError } = await shared('"error":{"code":-32601,"message":"Method not found"}');
    await level.set(client('a', 'error'));
    expect(onError).toHaveBeenCalledOnce();
  });

  test('is a wish: a server that does not answer keeps nobody waiting', async () => {
    const { level, onError, link } = await shared();
    link.answer = () => undefined;
    const set = level.set(client('a', 'error'));
    await vi.advanceTimersByTimeAsync(5_000);
    await set;
    expect(onError).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  ['that declares no logging', 'legacy', {}],
  ['of the modern era', 'modern', LOGGING],
] as const)('a server %s is told no level', async (_what, era, options) => {
  const { connection, link } = await openFakeConnection(era, options);
  await setLogLevel(connection, 'error', () => {});
  expect(link.sent).toEqual([]);
});
