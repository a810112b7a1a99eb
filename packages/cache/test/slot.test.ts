import { Gate, hammer } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { CacheStats, CompilationCache } from '../src/compilation-cache.ts';
import { CacheClosedError } from '../src/errors.ts';
import { openCache } from '../src/open.ts';
import { CacheSlot } from '../src/slot.ts';
import { loopModule } from './fixtures/modules.ts';

/** A cache of which the test decides how it closes. */
class ScriptedCache implements CompilationCache {
  readonly kind = 'memory';
  readonly #close: () => Promise<void>;
  closes = 0;

  constructor(close: () => Promise<void> = async () => undefined) {
    this.#close = close;
  }
  compile = async (): Promise<WebAssembly.Module> => new WebAssembly.Module(loopModule(1, 100));
  stats(): CacheStats {
    throw new Error('not needed here');
  }
  close(): Promise<void> {
    this.closes++;
    return this.#close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

describe('CacheSlot', () => {
  test('the new cache is in service before the old one closes', async () => {
    const gate = new Gate();
    const old = new ScriptedCache(() => gate.pass());
    const next = new ScriptedCache();
    const slot = new CacheSlot(old);
    const replaced = slot.replace(async () => next);
    await gate.reached;
    expect(slot.current).toBe(next);
    gate.open();
    await replaced;
    expect(old.closes).toBe(1);
  });

  test('a cache that does not open leaves the current one in service, and the error says so', async () => {
    const old = new ScriptedCache();
    const slot = new CacheSlot(old);
    const failed = slot.replace(() => Promise.reject(new Error('disk on fire')));
    await expect(failed).rejects.toMatchObject({
      code: 'CACHE_REPLACE',
      message: expect.stringMatching(/current one stays in service.*disk on fire/),
    });
    expect(slot.current).toBe(old);
    expect(old.closes).toBe(0);
  });

  test('an open that throws at once is a failed open like any other', async () => {
    const slot = new CacheSlot(new ScriptedCache());
    const failed = slot.replace(() => {
      throw new Error('at once');
    });
    await expect(failed).rejects.toMatchObject({ code: 'CACHE_REPLACE' });
  });

  test('trouble in closing the old cache is reported and does not undo the replacement', async () => {
    const next = new ScriptedCache();
    const slot = new CacheSlot(new ScriptedCache(() => Promise.reject(new Error('lost a write'))));
    await expect(slot.replace(async () => next)).rejects.toMatchObject({
      code: 'CACHE_CLOSE',
      cause: expect.objectContaining({ message: 'lost a write' }),
    });
    expect(slot.current).toBe(next);
    expect(next.closes).toBe(0);
  });

  test('compiles under way finish on the old cache, which refuses work only afterwards', async () => {
    const old = await openCache();
    const slot = new CacheSlot(old);
    const underWay = old.compile(loopModule(2));
    await slot.replace(() => openCache());
    expect(await underWay).toBeInstanceOf(WebAssembly.Module);
    await expect(old.compile(loopModule(2))).rejects.toBeInstanceOf(CacheClosedError);
    expect(await slot.current.compile(loopModule(2))).toBeInstanceOf(WebAssembly.Module);
    await slot.close();
  });

  test('replacements take effect in the order they were asked for', async () => {
    const gate = new Gate();
    const [first, second] = [new ScriptedCache(), new ScriptedCache()];
    const slot = new CacheSlot(new ScriptedCache());
    const slow = slot.replace(() => gate.pass().then(() => first));
    const quick = slot.replace(async () => second);
    gate.open();
    await Promise.all([slow, quick]);
    expect(slot.current).toBe(second);
    expect([first.closes, second.closes]).toEqual([1, 0]);
  });

  test('replacing a cache by itself closes nothing', async () => {
    const only = new ScriptedCache();
    const slot = new CacheSlot(only);
    await slot.replace(async () => only);
    expect(only.closes).toBe(0);
  });

  test('close is shared, closes the cache in service once, and refuses replacements', async () => {
    const only = new ScriptedCache();
    const slot = new CacheSlot(only);
    await Promise.all([slot.close(), slot.close(), slot[Symbol.asyncDispose]()]);
    expect(only.closes).toBe(1);
    await expect(slot.replace(async () => new ScriptedCache())).rejects.toMatchObject({ code: 'CACHE_CLOSED' });
  });

  test('a cache that opens after the slot was closed is closed, too', async () => {
    const gate = new Gate();
    const closed = Promise.withResolvers<void>();
    const late = new ScriptedCache(async () => closed.resolve());
    const slot = new CacheSlot(new ScriptedCache());
    const replaced = slot.replace(() => gate.pass().then(() => late));
    await gate.reached;
    const refused = expect(replaced).rejects.toMatchObject({ code: 'CACHE_CLOSED' });
    await slot.close();
    await refused;
    gate.open();
    await closed.promise;
    expect(late.closes).toBe(1);
  });

  test('hammer: 32 compilers never meet a closed cache over 500 replacements', async () => {
    const slot = new CacheSlot(await openCache());
    const modules = Array.from({ length: 8 }, (_, seed) => loopModule(seed, 200));
    const replacing = (async () => {
      for (let round = 0; round < 500; round++) await slot.replace(() => openCache());
      return 'replaced';
    })();
    let replaced = false;
    void replacing.then(() => {
      replaced = true;
    });
    let compiled = 0;
    await hammer({ workers: 32, loops: 1 }, async (worker) => {
      for (let turn = worker; !replaced || turn < worker + 10; turn++) {
        const bytes = modules[turn % modules.length] ?? new Uint8Array();
        expect(await slot.current.compile(bytes)).toBeInstanceOf(WebAssembly.Module);
        compiled++;
        // Modules that are all in memory are answered without a turn of the event loop, which replacing needs.
        if (turn % 20 === 19) await new Promise(setImmediate);
      }
    });
    expect(await replacing).toBe('replaced');
    expect(compiled).toBeGreaterThan(320);
    await slot.close();
  });
});
