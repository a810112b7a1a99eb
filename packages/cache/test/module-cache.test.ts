import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { CacheClosedError, CompileError } from '../src/errors.ts';
import { openCache } from '../src/open.ts';
import { callLoop, loopModule, loopResult } from './fixtures/modules.ts';

describe('a cache in memory', () => {
  test('the same bytes give the same module, and it is counted', async () => {
    await using cache = await openCache();
    const first = await cache.compile(loopModule(3));
    expect(await cache.compile(loopModule(3))).toBe(first);
    expect(await cache.compile(loopModule(4))).not.toBe(first);
    expect(cache.stats()).toMatchObject({ kind: 'memory', hits: 1, misses: 2, optimizer: { state: 'off' } });
  });

  test('callers at the same time share one compile', async () => {
    await using cache = await openCache();
    const modules = await Promise.all(Array.from({ length: 20 }, () => cache.compile(loopModule(5))));
    expect(new Set(modules).size).toBe(1);
    expect(cache.stats()).toMatchObject({ misses: 1 });
  });

  test('the least recently used modules leave first when maxBytes is reached', async () => {
    const size = loopModule(0).byteLength;
    await using cache = await openCache({ maxBytes: 2 * size });
    const first = await cache.compile(loopModule(1));
    const second = await cache.compile(loopModule(2));
    expect(await cache.compile(loopModule(1))).toBe(first);
    await cache.compile(loopModule(3));
    expect(await cache.compile(loopModule(1))).toBe(first);
    expect(await cache.compile(loopModule(2))).not.toBe(second);
    expect(cache.stats().bytes).toBeLessThanOrEqual(2 * size);
    expect(cache.stats().evictions).toBe(2);
  });

  test('bytes that are no module are refused by the name the caller gave, and not remembered', async () => {
    await using cache = await openCache();
    const bytes = loopModule(6).fill(0xff, 8, 20);
    const failed = await Promise.allSettled([
      cache.compile(bytes, { name: 'mine' }),
      cache.compile(bytes, { name: 'yours' }),
    ]);
    const errors = failed.map((result) => (result.status === 'rejected' ? (result.reason as CompileError) : undefined));
    expect(errors.map((error) => error?.facts.module)).toEqual(['mine', 'yours']);
    for (const error of errors) {
      expect(error).toBeInstanceOf(CompileError);
      expect(error?.code).toBe('CACHE_COMPILE');
      expect(error?.cause).toBeInstanceOf(WebAssembly.CompileError);
    }
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, bytes: 0 });
  });

  test('empty bytes are refused, other things are a mistake of the program', async () => {
    await using cache = await openCache();
    await expect(cache.compile(new Uint8Array())).rejects.toMatchObject({ code: 'CACHE_COMPILE' });
    await expect(cache.compile('text' as unknown as Uint8Array)).rejects.toBeInstanceOf(TypeError);
  });

  test('bytes in shared memory are copied before anybody can change them', async () => {
    await using cache = await openCache();
    const bytes = loopModule(7);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
    shared.set(bytes);
    const compiling = cache.compile(shared);
    shared.fill(0);
    expect(callLoop(await compiling, 9)).toBe(loopResult(7, 9));
  });

  test('bytes that change right after the call change nothing', async () => {
    await using cache = await openCache();
    const bytes = loopModule(8);
    const compiling = cache.compile(bytes);
    bytes.fill(0);
    expect(callLoop(await compiling, 9)).toBe(loopResult(8, 9));
  });

  test('a module with builtins is never shared with one without', async () => {
    await using cache = await openCache();
    const plain = await cache.compile(loopModule(9));
    const apart = await cache.compile(loopModule(9), { builtins: ['js-string'] });
    expect(apart).not.toBe(plain);
    expect(await cache.compile(loopModule(9), { builtins: ['js-string'] })).not.toBe(apart);
    expect(await cache.compile(loopModule(9))).toBe(plain);
  });

  test('close is shared and idempotent, refuses what comes later, and leaves modules valid', async () => {
    const cache = await openCache();
    const underWay = cache.compile(loopModule(10));
    const closed = cache.close();
    expect(cache.close()).toBe(closed);
    await closed;
    const late = cache.compile(loopModule(10));
    await expect(late).rejects.toBeInstanceOf(CacheClosedError);
    await expect(late).rejects.toMatchObject({ code: 'CACHE_CLOSED' });
    expect(callLoop(await underWay, 4)).toBe(loopResult(10, 4));
    expect(cache.stats().misses).toBe(1);
  });

  test('a module can be posted to a worker thread', async () => {
    await using cache = await openCache();
    const module = await cache.compile(loopModule(11));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage(new WebAssembly.Instance(workerData).exports.f(5));`;
    const worker = new Worker(code, { eval: true, workerData: module });
    expect((await once(worker, 'message'))[0]).toBe(loopResult(11, 5));
    await worker.terminate();
  });

  test('options of the wrong kind are mistakes of the program', async () => {
    await expect(openCache({ maxBytes: -1 })).rejects.toThrow(/"maxBytes".*-1/);
    await expect(openCache({ maxBytes: Number.NaN })).rejects.toBeInstanceOf(TypeError);
    await expect(openCache({ optimizer: 'yes' as 'all' })).rejects.toThrow(/"optimizer".*yes/);
  });
});
