import { once } from 'node:events';
import * as nodeFs from 'node:fs';
import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { faultyFs } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { isEntryName } from '../src/cache-key.ts';
import { realClock } from '../src/clock.ts';
import { addonPlaces, thisEngine } from '../src/code-serializer.ts';
import { openCache, openCacheWith, realPorts } from '../src/open.ts';
import { callLoop, LARGE_BYTES, loopModule, loopResult } from './fixtures/modules.ts';
import { answerOf, Notes, noDisk, runProgram, serializer, temporaryFolder, untilTrue } from './fixtures/setting.ts';

const HOT = '30000000';

interface Answer {
  readonly kind: string;
  readonly result: number;
  readonly stats: { hits: number; misses: number; stale: number; corrupt: number; writes: number; bytes: number };
}

/** Looks at modules at once instead of after some seconds. */
const hurried = { ...realClock, after: (_: number, work: () => void) => realClock.after(0, work) };

const loopProgram = (directory: string, seed = '1', rounds = '10', flags: readonly string[] = []): Answer =>
  answerOf(runProgram('loop-program.ts', [directory, seed, rounds], { flags }));
const entries = (directory: string): string[] => readdirSync(directory).filter(isEntryName);

describe.skipIf(noDisk)('code on disk', () => {
  test('what V8 optimised in one process is there for the next', () => {
    using folder = temporaryFolder();
    const first = loopProgram(folder.path, '1', HOT);
    expect(first).toMatchObject({ kind: 'disk', result: loopResult(1, Number(HOT)), stats: { misses: 1, writes: 1 } });
    const second = loopProgram(folder.path, '1', HOT);
    expect(second).toMatchObject({ result: first.result, stats: { hits: 1, misses: 0, writes: 0 } });
    expect(second.stats.bytes).toBe(statSync(join(folder.path, entries(folder.path)[0] ?? '')).size);
  });

  test('code from the disk stays with a module that is posted to a worker thread', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    await using cache = await openCache({ directory: folder.path, optimizer: 'off' });
    const module = await cache.compile(loopModule(1));
    expect(cache.stats().hits).toBe(1);
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { serialize } = require(workerData.addon);
      const result = new WebAssembly.Instance(workerData.module).exports.f(5);
      parentPort.postMessage({ result, optimised: serialize(workerData.module) !== null });`;
    const addon = addonPlaces(thisEngine()).find((place) => nodeFs.existsSync(place));
    const worker = new Worker(program, { eval: true, workerData: { module, addon } });
    expect((await once(worker, 'message'))[0]).toEqual({ result: loopResult(1, 5), optimised: true });
    await worker.terminate();
  });

  test('nothing is kept of a module that was never used', () => {
    using folder = temporaryFolder();
    expect(loopProgram(folder.path, '1', '0').stats).toMatchObject({ misses: 1, writes: 0, bytes: 0 });
    expect(entries(folder.path)).toEqual([]);
  });

  test('a module too small to gain is not looked for', async () => {
    using folder = temporaryFolder();
    const looked: unknown[] = [];
    const fs = {
      ...nodeFs,
      openSync: (...given: Parameters<typeof nodeFs.openSync>) => {
        looked.push(given[0]);
        return nodeFs.openSync(...given);
      },
    };
    await using cache = await openCacheWith({ directory: folder.path }, { ...realPorts, fs });
    await cache.compile(loopModule(1, 1000));
    expect(looked).toEqual([]);
    await cache.compile(loopModule(1, LARGE_BYTES));
    expect(looked).toHaveLength(1);
  });

  test('a damaged entry is named once, removed, and made again', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '51', HOT);
    const [name = ''] = entries(folder.path);
    const notes = new Notes();
    for (let i = 0; i < 2; i++) {
      writeFileSync(join(folder.path, name), 'rubbish', { mode: 0o600 });
      await using cache = await openCache({ directory: folder.path, logger: notes, optimizer: 'off' });
      expect(callLoop(await cache.compile(loopModule(51), { name: 'mine' }), 5)).toBe(loopResult(51, 5));
      expect(cache.stats()).toMatchObject({ corrupt: 1, hits: 0, misses: 1 });
      expect(entries(folder.path)).toEqual([]);
    }
    expect(notes.lines.map(({ fields }) => fields)).toEqual([
      { module: 'mine', entry: name, why: '7 bytes are no whole head' },
      { module: 'mine', entry: name, why: '7 bytes are no whole head' },
    ]);
    expect(loopProgram(folder.path, '51', HOT).stats).toMatchObject({ misses: 1, writes: 1 });
  });

  test('a thing in the place of an entry that cannot be removed is complained of once and does no harm', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    const [name = ''] = entries(folder.path);
    rmSync(join(folder.path, name));
    nodeFs.mkdirSync(join(folder.path, name, 'full'), { recursive: true });
    const notes = new Notes();
    await using cache = await openCache({ directory: folder.path, logger: notes, optimizer: 'off' });
    for (let i = 0; i < 3; i++) await cache.compile(loopModule(1));
    expect(notes.warnings()).toEqual(['a cache entry was discarded; compiling again']);
  });

  test.each([
    ['refused', { stale: 1, corrupt: 0 }, 0],
    ['damaged', { stale: 0, corrupt: 1 }, 0],
    ['unmappable', { stale: 0, corrupt: 0 }, 1],
  ] as const)('an entry that V8 or the addon finds %s is a miss', async (answer, counted, left) => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '52', HOT);
    const loadFile = (): typeof answer => answer;
    const findSerializer = () => ({ serializer: { ...serializer(), loadFile } });
    const options = { directory: folder.path, optimizer: 'off' } as const;
    await using cache = await openCacheWith(options, { ...realPorts, findSerializer });
    expect(callLoop(await cache.compile(loopModule(52)), 5)).toBe(loopResult(52, 5));
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 1, ...counted });
    expect(entries(folder.path)).toHaveLength(left);
  });

  test('a full disk costs the entry, is told, and stops nobody', async () => {
    using folder = temporaryFolder();
    const { fs: promises } = faultyFs(nodeFs.promises, { at: 2, kind: 'fail', code: 'ENOSPC' });
    const notes = new Notes();
    const cache = await openCacheWith(
      { directory: folder.path, optimizer: 'off', logger: notes },
      { ...realPorts, fs: { ...nodeFs, promises } },
    );
    const module = await cache.compile(loopModule(31));
    callLoop(module, Number(HOT));
    await cache.close();
    expect(notes.lines).toMatchObject([
      {
        fields: { why: expect.stringMatching(/^no space is left for .*ENOSPC/) },
        message: 'compiled code could not be kept',
      },
    ]);
    expect(cache.stats().writes).toBe(0);
    expect(readdirSync(folder.path)).toEqual(['CACHEDIR.TAG']);
    expect(callLoop(module, 5)).toBe(loopResult(31, 5));
  });

  test('a disk that stays full is told of once, and not of every module', async () => {
    using folder = temporaryFolder();
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    const promises = { ...nodeFs.promises, open: full, writeFile: full } as typeof nodeFs.promises;
    const notes = new Notes();
    const options = { directory: folder.path, optimizer: 'off', logger: notes } as const;
    const cache = await openCacheWith(options, { ...realPorts, fs: { ...nodeFs, promises } });
    const modules = await Promise.all([33, 34, 35].map((seed) => cache.compile(loopModule(seed))));
    for (const module of modules) callLoop(module, Number(HOT));
    await cache.close();
    expect(notes.warnings()).toEqual(['compiled code could not be kept']);
  });

  test('a directory that vanishes under a cache costs its entries and nothing else', async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'cache');
    loopProgram(directory, '1', HOT);
    const notes = new Notes();
    const cache = await openCache({ directory, optimizer: 'off', logger: notes });
    rmSync(directory, { recursive: true });
    const modules = await Promise.all([1, 2, 3].map((seed) => cache.compile(loopModule(seed))));
    for (const [index, module] of modules.entries()) {
      expect(callLoop(module, Number(HOT))).toBe(loopResult(index + 1, Number(HOT)));
    }
    expect(cache.stats()).toMatchObject({ misses: 3, corrupt: 0, bytes: 0 });
    await cache.close();
    expect(notes.lines).toMatchObject([{ fields: { why: `${directory} is gone; the next process makes it again` } }]);
  });
});

describe.skipIf(noDisk)('traps for the unwary', () => {
  test('code that relies on the trap handler is never run in a process without it', () => {
    using folder = temporaryFolder();
    const run = (flags: readonly string[] = []) => answerOf(runProgram('trap-program.ts', [folder.path], { flags }));
    expect(run()).toEqual({ trapped: true, hits: 0, stale: 0, writes: 1 });
    expect(run()).toMatchObject({ trapped: true, hits: 1 });
    const without = ['--disable-wasm-trap-handler'];
    expect(run(without)).toMatchObject({ trapped: true, hits: 0, writes: 1 });
    expect(run(without)).toMatchObject({ trapped: true, hits: 1 });

    // The same code under the name that the other process looks for: V8 would take it.
    const [one = '', two = ''] = entries(folder.path);
    copyFileSync(join(folder.path, one), join(folder.path, 'kept'));
    renameSync(join(folder.path, two), join(folder.path, one));
    renameSync(join(folder.path, 'kept'), join(folder.path, two));
    expect(run()).toMatchObject({ trapped: true, hits: 0, stale: 1 });
    expect(run(without)).toMatchObject({ trapped: true, hits: 0, stale: 1 });
  });

  test.skipIf(process.platform !== 'linux')('nor in one that lost it to a limit on its address space', () => {
    using folder = temporaryFolder();
    answerOf(runProgram('trap-program.ts', [folder.path]));
    const limited = answerOf(runProgram('trap-program.ts', [folder.path], { addressSpaceKib: 16_000_000 }));
    expect(limited).toMatchObject({ trapped: true, hits: 0 });
  });

  test('a plain module of the same bytes that is still alive makes the code slower, not wrong', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    const [name = ''] = entries(folder.path);
    const before = readFileSync(join(folder.path, name));
    const alive = new WebAssembly.Module(loopModule(1));
    const cache = await openCache({ directory: folder.path });
    expect(callLoop(await cache.compile(loopModule(1)), 9)).toBe(loopResult(1, 9));
    await cache.close();
    expect(callLoop(alive, 9)).toBe(loopResult(1, 9));
    expect(readFileSync(join(folder.path, name)).equals(before), 'the good entry stays').toBe(true);
  });

  test('modules with builtins never touch the disk', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    await using cache = await openCache({ directory: folder.path, optimizer: 'off' });
    await cache.compile(loopModule(1), { builtins: ['js-string'] });
    await cache.compile(loopModule(1), { importedStringConstants: 'strings' });
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 });
  });

  test('the flags of this process stay as they are while its optimiser switches its own', async () => {
    using folder = temporaryFolder();
    const flags = cachedDataVersionTag();
    const seen = new Set<number>();
    await using cache = await openCacheWith(
      { directory: folder.path, optimizer: 'all' },
      { ...realPorts, clock: hurried },
    );
    const module = await cache.compile(loopModule(50));
    await untilTrue(() => {
      seen.add(cachedDataVersionTag());
      callLoop(module, 1000);
      return cache.stats().writes === 1;
    });
    expect([...seen]).toEqual([flags]);
  });

  test('entries are for the flags of this very moment', async () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    const hits = async (): Promise<number> => {
      await using cache = await openCache({ directory: folder.path, optimizer: 'off' });
      await cache.compile(loopModule(1));
      return cache.stats().hits;
    };
    expect(await hits()).toBe(1);
    setFlagsFromString('--stack-trace-limit=17');
    expect(await hits()).toBe(0);
    setFlagsFromString('--stack-trace-limit=10');
    expect(await hits()).toBe(1);
  });

  test('entries of other flags live side by side', () => {
    using folder = temporaryFolder();
    loopProgram(folder.path, '1', HOT);
    expect(loopProgram(folder.path, '1', HOT, ['--expose-gc']).stats).toMatchObject({ hits: 0, stale: 0 });
    expect(loopProgram(folder.path, '1', HOT, ['--expose-gc']).stats.hits).toBe(1);
    expect(loopProgram(folder.path, '1', HOT).stats.hits).toBe(1);
    expect(entries(folder.path)).toHaveLength(2);
  });
});
