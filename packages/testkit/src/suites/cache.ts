import assert from 'node:assert/strict';
import { echoGuest } from '../guests/catalog/echo.ts';
import { versionGuest } from '../guests/catalog/shapes.ts';
import { lacks, SuiteWriter, type Supports, type TestApi } from '../test-api.ts';
import { Gate } from '../tools/gate.ts';
import { inTime } from '../tools/in-time.ts';

/** What the cache suites need; `CompilationCache` of `@lockgate/cache` fits. */
export interface CacheSubject {
  compile(bytes: Uint8Array, options?: { readonly name?: string }): Promise<WebAssembly.Module>;
  close(): Promise<void>;
}

/** How the suite wants its subject. */
export interface CreateCacheOptions {
  /** Compiles in place of the engine; only for a subject that takes its engine as an argument (`supports.engine`). */
  readonly engine: (bytes: Uint8Array) => Promise<WebAssembly.Module>;
}

/** What the cache suite may want of a subject. Everything counts as supported unless it is declared `false`. */
export type CacheAbility =
  /** The engine can be given. */
  | 'engine'
  /** Errors of bad bytes tell the module's name. */
  | 'names';

/** A subject's factory and what it can do. */
export interface CacheSuiteOptions {
  create(options: CreateCacheOptions): Promise<CacheSubject>;
  readonly supports?: Supports<CacheAbility>;
}

/** One flight per module, no failure kept, a close that waits for what is under way. */
export function cacheSuite(t: TestApi, options: CacheSuiteOptions): void {
  const suite = new SuiteWriter(t, options.supports);

  t.describe('cache', () => {
    suite.it('gives a module that works', async () => {
      await using cache = await open(options);
      const module = await inTime(cache.subject.compile(echoGuest()), 'a compile');
      assert.ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'execute'));
    });

    suite.itWith(['engine'], 'many who want one module at once have it compiled once', async () => {
      const gate = new Gate();
      await using cache = await open(options, () => gate.pass());
      const compiles = Array.from({ length: 16 }, () => cache.subject.compile(echoGuest()));
      await inTime(gate.reached, 'the first compile reaching the engine');
      gate.open();
      await inTime(Promise.all(compiles), 'all compiles');
      assert.equal(cache.compiled, 1, 'compiles that the engine had to do');
    });

    suite.itWith(['engine'], 'a module that is in use is not compiled again', async () => {
      await using cache = await open(options);
      const module = await inTime(cache.subject.compile(echoGuest()), 'a compile');
      await inTime(cache.subject.compile(echoGuest()), 'the same compile once more');
      assert.ok(WebAssembly.Module.exports(module).length > 0); // still in use
      assert.equal(cache.compiled, 1, 'compiles that the engine had to do');
    });

    suite.it('never gives one module for another', async () => {
      await using cache = await open(options);
      const versions = Array.from({ length: MODULES }, (_, version) => `${version}`);
      const compiles = [...versions, ...versions].map(async (version) => ({
        version,
        module: await cache.subject.compile(withMark(version, Number(version) % 2 === 0 ? 'front' : 'end')),
      }));
      for (const { version, module } of await inTime(Promise.all(compiles), 'all compiles')) {
        const remedy = 'Make the key of all bytes of a module, and use the whole of its hash';
        assert.equal(markOf(module), version, `the module that was given for another. ${remedy}`);
      }
    });

    suite.it('never gives one module for another of the same name', async () => {
      if (!(await tellsApart(options))) return; // for the test above to say
      await using cache = await open(options);
      for (const version of ['1', '2']) {
        const module = await inTime(cache.subject.compile(withMark(version), { name: 'plugin' }), 'a compile');
        const remedy = 'A name is for messages; the bytes are what a module is known by';
        assert.equal(markOf(module), version, `a new version under the old name. ${remedy}`);
      }
    });

    suite.it('compiles the bytes as they were when it was called', async () => {
      if (!(await tellsApart(options))) return;
      await using cache = await open(options);
      const bytes = withMark('as it was');
      const compile = cache.subject.compile(bytes);
      bytes.set(withMark('as it is!'));
      const module = await inTime(compile, 'the compile of bytes that change');
      const remedy =
        'Hash and copy the bytes before the first await: their owner may use the buffer for the next module';
      assert.equal(markOf(module), 'as it was', remedy);
      const again = await inTime(cache.subject.compile(bytes), 'the compile of what they have become');
      assert.equal(markOf(again), 'as it is!', `what a cache keeps under a key has to be what was hashed. ${remedy}`);
    });

    suite.itWith(['engine'], 'a failure is not kept', async () => {
      let failures = 1;
      await using cache = await open(options, async () => {
        if (failures-- > 0) throw new Error('the engine is out of memory');
      });
      await inTime(assert.rejects(cache.subject.compile(echoGuest())), 'the compile that fails');
      await inTime(cache.subject.compile(echoGuest()), 'the same compile once more');
    });

    suite.it('refuses bytes that are no module, and serves on', async () => {
      await using cache = await open(options);
      const compile = cache.subject.compile(new TextEncoder().encode('no module'), { name: 'crumbs' });
      const refused = lacks(options.supports, 'names') ? assert.rejects(compile) : assert.rejects(compile, /crumbs/);
      await inTime(refused, 'the compile of bytes that are no module');
      await inTime(cache.subject.compile(echoGuest()), 'a compile after a refusal');
    });

    suite.it('refuses to compile once it is closed', async () => {
      await using cache = await open(options);
      await inTime(cache.subject.close(), 'the close');
      await inTime(assert.rejects(cache.subject.compile(echoGuest())), 'a compile after the close');
    });

    suite.it('modules outlive the cache', async () => {
      await using cache = await open(options);
      const module = await cache.subject.compile(withMark('still here'));
      await inTime(cache.subject.close(), 'the close');
      assert.equal(markOf(module), 'still here');
      assert.ok(new WebAssembly.Instance(module, { env: { host_log: () => undefined } }).exports.execute);
    });

    suite.itWith(['engine'], 'close waits for compiles under way, and they end well', async () => {
      const gate = new Gate();
      await using cache = await open(options, () => gate.pass());
      const compile = cache.subject.compile(echoGuest());
      await inTime(gate.reached, 'the compile reaching the engine');
      const order: string[] = [];
      const ended = compile.finally(() => order.push('compiled'));
      const closed = cache.subject.close().then(() => order.push('closed'));
      gate.open();
      await inTime(Promise.all([ended, closed]), 'the compile and the close');
      assert.deepEqual(order, ['compiled', 'closed']);
    });

    suite.it('close can be called again', async () => {
      await using cache = await open(options);
      await inTime(Promise.all([cache.subject.close(), cache.subject.close()]), 'two closes');
      await inTime(cache.subject.close(), 'a third close');
    });
  });
}

async function open(options: CacheSuiteOptions, before: () => Promise<void> = async () => undefined) {
  let compiled = 0;
  const subject = await options.create({
    engine: async (bytes) => {
      compiled += 1;
      const copy = bytes.slice(); // as a real engine does, before anybody else gets to run
      await before();
      return WebAssembly.compile(copy);
    },
  });
  return {
    subject,
    get compiled(): number {
      return compiled;
    },
    [Symbol.asyncDispose]: () =>
      inTime(
        subject.close().catch(() => undefined),
        'closing the subject at the end of the test',
      ),
  };
}

/** Whether two modules are two to it where nothing else is wanted. */
async function tellsApart(options: CacheSuiteOptions): Promise<boolean> {
  await using cache = await open(options);
  const modules = [await cache.subject.compile(withMark('1')), await cache.subject.compile(withMark('2'))];
  return modules.map(markOf).join() === '1,2';
}

/** More than two hexadecimal digits tell apart. */
const MODULES = 260;

const MARK = 'lockgate.testkit.mark';

/** What every module begins with. */
const HEADER_BYTES = 8;

/** Modules with marks of one length are of one length, and differ in nothing else. */
function withMark(mark: string, place: 'front' | 'end' = 'end'): Uint8Array {
  const text = new TextEncoder().encode(mark);
  const name = new TextEncoder().encode(MARK);
  const section = [0, name.length + text.length + 1, name.length, ...name, ...text];
  const bytes = versionGuest('A');
  const at = place === 'front' ? HEADER_BYTES : bytes.length;
  return Uint8Array.of(...bytes.subarray(0, at), ...section, ...bytes.subarray(at));
}

function markOf(module: WebAssembly.Module): string {
  return new TextDecoder().decode(WebAssembly.Module.customSections(module, MARK)[0]);
}
