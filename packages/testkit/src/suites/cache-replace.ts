import assert from 'node:assert/strict';
import { echoGuest } from '../guests/catalog/echo.ts';
import { SuiteWriter, type TestApi } from '../test-api.ts';
import { Gate } from '../tools/gate.ts';
import { hammer } from '../tools/hammer.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import type { CacheSubject } from './cache.ts';

/** What the replacement suite needs; `CacheSlot` of `@lockgate/cache` fits. */
export interface SlotSubject<C extends CacheSubject> {
  /** The cache in service. */
  readonly current: C;
  replace(open: () => Promise<C>): Promise<void>;
  close(): Promise<void>;
}

/** A subject's factory. */
export interface CacheReplaceOptions<C extends CacheSubject> {
  /** The slot, with its first cache in service. */
  create(initial: C): SlotSubject<C>;
  /** Makes of the suite's cache, which notes what is done to it, one of the subject's type. @default the suite's own */
  readonly adapt?: (cache: CacheSubject) => C;
  /** Compilers side by side in the test that replaces under load. @default 32 */
  readonly compilers?: number;
  /** Replacements in that test. @default 50 */
  readonly rounds?: number;
}

/** A cache is replaced while it is in use, and nobody who compiles notices. */
export function cacheReplaceSuite<C extends CacheSubject>(t: TestApi, options: CacheReplaceOptions<C>): void {
  const suite = new SuiteWriter(t, undefined);
  const adapt = options.adapt ?? ((cache: CacheSubject) => cache as C);
  const open = () => {
    const caches: NotingCache[] = [];
    const make = (): C => {
      const cache = new NotingCache();
      caches.push(cache);
      return adapt(cache);
    };
    const slot = options.create(make());
    return { slot, caches, make, [Symbol.asyncDispose]: () => slot.close().catch(() => undefined) };
  };

  t.describe('cache replacement', () => {
    suite.it('puts the new cache in service, and closes the old one once', async () => {
      await using stage = open();
      const next = stage.make();
      await inTime(
        stage.slot.replace(async () => next),
        'the replacement',
      );
      assert.equal(stage.slot.current, next);
      assert.deepEqual(
        stage.caches.map(({ closes }) => closes),
        [1, 0],
      );
    });

    suite.it('a replacement that fails is reported and leaves the old one in service', async () => {
      await using stage = open();
      const before = stage.slot.current;
      const failing = stage.slot.replace(() => Promise.reject(new Error('no such directory')));
      await inTime(assert.rejects(failing), 'the replacement that fails');
      assert.equal(stage.slot.current, before);
      await inTime(stage.slot.current.compile(echoGuest()), 'a compile after a failed replacement');
    });

    suite.it('a replacement after a failed one works', async () => {
      await using stage = open();
      const next = stage.make();
      const failing = stage.slot.replace(() => Promise.reject(new Error('no such directory')));
      await inTime(Promise.allSettled([failing]), 'the replacement that fails');
      const remedy =
        'A queue of replacements has to go on behind one that failed: keep its failure for its caller alone';
      const replaced = stage.slot.replace(async () => next);
      const [end] = await inTime(Promise.allSettled([replaced]), 'the replacement after a failed one', remedy);
      assert.equal(end.status, 'fulfilled', `the replacement after a failed one failed too. ${remedy}`);
    });

    suite.it('what is replaced by itself stays in service, and is closed once, at the end', async () => {
      await using stage = open();
      await inTime(Promise.allSettled([stage.slot.replace(async () => stage.slot.current)]), 'the replacement');
      const remedy = 'Compare what was opened with what is in service before closing the latter';
      assert.equal(stage.caches[0]?.closes, 0, `how often the cache in service has been closed. ${remedy}`);
      await inTime(stage.slot.close(), 'the close');
      assert.equal(stage.caches[0]?.closes, 1, 'how often the cache was closed in the end');
    });

    suite.it('trouble in closing the old one is reported, and undoes nothing', async () => {
      await using stage = open();
      const next = stage.make();
      const [old] = stage.caches;
      if (old) old.failsToClose = true;
      await inTime(assert.rejects(stage.slot.replace(async () => next)), 'the replacement');
      assert.equal(stage.slot.current, next);
    });

    suite.it('two at once end on the later one', async () => {
      await using stage = open();
      const slow = new Gate();
      const [first, second] = [stage.make(), stage.make()];
      const replacements = [
        stage.slot.replace(async () => {
          await slow.pass();
          return first;
        }),
        stage.slot.replace(async () => second),
      ];
      await idle(); // a slot that lets the quicker one win gets its chance
      slow.open();
      await inTime(Promise.all(replacements), 'both replacements');
      assert.equal(stage.slot.current, second);
    });

    suite.it('closing the slot closes what is in service, and what opens too late', async () => {
      await using stage = open();
      const opening = new Gate();
      const late = stage.make();
      const replacement = stage.slot.replace(async () => {
        await opening.pass();
        return late;
      });
      await inTime(opening.reached, 'the new cache being opened');
      const closed = stage.slot.close();
      opening.open();
      await inTime(Promise.allSettled([replacement, closed]), 'the replacement and the close');
      await idle();
      assert.deepEqual(
        stage.caches.map(({ closes }) => closes),
        [1, 1],
        'how often each cache was closed',
      );
    });

    const compilers = options.compilers ?? 32;
    const rounds = options.rounds ?? 50;
    suite.it(`${compilers} compilers notice nothing of ${rounds} replacements`, async () => {
      await using stage = open();
      const replacing = (async () => {
        for (let round = 0; round < rounds; round += 1) {
          const next = stage.make();
          const replaced = stage.slot.replace(async () => {
            await idle(1);
            return next;
          });
          await inTime(replaced, `replacement ${round}`);
        }
      })();
      const bytes = echoGuest();
      const compiling = hammer({ workers: compilers, loops: rounds }, async () => {
        await inTime(stage.slot.current.compile(bytes), 'a compile');
        await idle(1);
      });
      await Promise.all([replacing, compiling]);
    });
  });
}

/** A cache that compiles nothing again, and notes how it is closed. */
class NotingCache implements CacheSubject {
  closes = 0;
  failsToClose = false;
  static readonly #module = new WebAssembly.Module(echoGuest());

  async compile(): Promise<WebAssembly.Module> {
    if (this.closes > 0) throw new Error('compiled with a cache that is closed');
    await idle(1);
    return NotingCache.#module;
  }

  async close(): Promise<void> {
    this.closes += 1;
    await idle(2);
    if (this.failsToClose) throw new Error('the disk is full');
  }
}
