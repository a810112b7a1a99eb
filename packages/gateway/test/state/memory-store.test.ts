import { describe, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../../src/state/memory-store.ts';

function storeAt(start: number, maxRecords?: number) {
  const clock = { now: start };
  const store = createMemoryStore({ now: () => clock.now, ...(maxRecords !== undefined && { maxRecords }) });
  return { store, clock };
}

describe('a full store', () => {
  test('refuses a new key, and goes on changing and reading those it has', async () => {
    const { store } = storeAt(0, 2);
    await store.put('a', { value: 1 });
    await store.put('b', { value: 1 });
    const full = { code: 'GATEWAY_STATE', problem: { kind: 'full', holds: '2 records' } };
    await expect(store.put('c', { value: 1 })).rejects.toMatchObject(full);
    await expect(store.compareAndSet('c', undefined, { value: 1 })).rejects.toMatchObject(full);
    await store.put('a', { value: 2 });
    expect((await store.get('a'))?.value).toBe(2);
    await store.delete('b');
    await store.put('c', { value: 1 });
  });

  test('removes what has expired within the second, though nobody asks for it, and nothing else', async () => {
    const { store, clock } = storeAt(500, 3);
    await store.put('stays', { value: 1 });
    await store.put('short', { value: 1, ttlMs: 100 });
    await store.put('long', { value: 1, ttlMs: 60_000 });
    clock.now = 1_700;
    await store.put('new', { value: 1 });
    await expect(store.put('more', { value: 1 })).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
    expect(await store.get('stays')).toBeDefined();
    expect(await store.get('long')).toBeDefined();
  });

  test('keeps a record whose time to live was renewed or forgotten', async () => {
    const { store, clock } = storeAt(0);
    await store.put('renewed', { value: 1, ttlMs: 100 });
    await store.put('forgotten', { value: 1, ttlMs: 100 });
    await store.expire('renewed', 10_000);
    await store.put('forgotten', { value: 2 });
    clock.now = 5_000;
    await store.put('other', { value: 1 });
    expect(await store.get('renewed')).toBeDefined();
    expect(await store.get('forgotten')).toBeDefined();
  });
});

test('a listener that fails is reported, whether it throws or rejects', async () => {
  const error = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
  const store = createMemoryStore({ now: () => 0, logger });
  const fails = new Error('a listener of the test');
  const heard = Promise.withResolvers<unknown>();
  await store.subscribe('news', {
    message: () => {
      throw fails;
    },
  });
  await store.subscribe('news', { message: async () => Promise.reject(fails) });
  await store.subscribe('news', { message: heard.resolve });
  await store.publish('news', 1);
  await heard.promise;
  await expect.poll(() => error).toHaveBeenCalledTimes(2);
  expect(error).toHaveBeenCalledWith({ channel: 'news', err: fails }, 'a listener of the state store failed');
});

test('what is no JSON value and what is no time to live are programming mistakes', async () => {
  const { store } = storeAt(0);
  await expect(store.put('key', { value: undefined })).rejects.toThrow(TypeError);
  await expect(store.put('key', { value: 1, ttlMs: 0 })).rejects.toThrow(/"ttlMs" to be a whole number/);
  await expect(store.expire('key', 0.5)).rejects.toThrow(TypeError);
  await expect(store.publish('news', () => 1)).rejects.toThrow(/JSON value to store, got function/);
  expect(() => createMemoryStore({ now: () => 0, maxRecords: 0 })).toThrow(/"maxRecords"/);
});
