import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { idle } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { describeCache } from '../src/directory-report.ts';
import { openCacheWith, realPorts } from '../src/open.ts';
import { callLoop, loopModule } from './fixtures/modules.ts';
import { quickJs, WORKLOAD, workloadResult } from './fixtures/quickjs.ts';
import {
  answerOf,
  ManualClock,
  Notes,
  noDisk,
  runProgram,
  serializer,
  temporaryFolder,
  untilTrue,
} from './fixtures/setting.ts';

const WASM = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
const HOT = 30_000_000;

interface Answer {
  readonly result: string;
  readonly hits: number;
  readonly entries: number;
}

describe.skipIf(noDisk)('entries improve over the first runs and then rest', () => {
  test('a language runtime: from its profile to code for what it used, in another process', async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    const notes = new Notes();
    const options = { directory: folder.path, logger: notes };
    await using cache = await openCacheWith(options, { ...realPorts, clock });
    const module = await cache.compile(readFileSync(WASM), { name: 'quickjs' });
    const plain = await workloadResult(await quickJs(module), WORKLOAD);
    while (serializer().serialize(module) === null) await workloadResult(await quickJs(module), WORKLOAD);

    clock.move(2_000);
    await untilTrue(() => cache.stats().writes === 1);
    const report = describeCache(folder.path);
    expect(report.entries).toMatchObject([{ kind: 'profile', generation: 1, usable: true, wasmBytes: 503_134 }]);
    expect(cache.stats()).toMatchObject({ misses: 1, optimizer: { state: 'idle', runs: 1, failures: 0 } });
    expect(notes.warnings()).toEqual([]);

    const answer = answerOf<Answer>(runProgram('quickjs-program.ts', [folder.path, WASM]));
    expect(answer).toEqual({ result: plain, hits: 1, entries: 1 });
  });

  test('a module nobody used is looked at again, and costs nothing else', async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    await using cache = await openCacheWith({ directory: folder.path }, { ...realPorts, clock });
    const module = await cache.compile(loopModule(40));
    for (const delay of [2_000, 5_000, 30_000]) {
      clock.move(delay);
      await idle();
    }
    expect(cache.stats()).toMatchObject({ writes: 0, optimizer: { runs: 0 } });
    expect(clock.waiting).toBe(1);
    expect(callLoop(module, 1)).toBeTypeOf('number');
  });

  test('the policy "all" needs no run', async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    const options = { directory: folder.path, optimizer: 'all' } as const;
    await using cache = await openCacheWith(options, { ...realPorts, clock });
    const module = await cache.compile(loopModule(41));
    clock.move(2_000);
    await untilTrue(() => cache.stats().writes === 1);
    expect(describeCache(folder.path).entries).toMatchObject([{ kind: 'all' }]);
    await untilTrue(() => clock.waiting === 0);
    expect(callLoop(module, 1)).toBeTypeOf('number');
  });

  test('switched off, no process is started, and what V8 optimised here is kept all the same', async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    const spawn = (() => expect.unreachable()) as unknown as typeof realPorts.spawn;
    const options = { directory: folder.path, optimizer: 'off' } as const;
    await using cache = await openCacheWith(options, { ...realPorts, clock, spawn });
    const module = await cache.compile(loopModule(42));
    while (serializer().serialize(module) === null) callLoop(module, HOT);
    clock.move(2_000);
    await untilTrue(() => cache.stats().writes === 1);
    expect(describeCache(folder.path).entries).toMatchObject([{ kind: 'seed', generation: 0 }]);
    expect(cache.stats().optimizer).toEqual({ state: 'off', runs: 0, failures: 0 });
  });

  test('a seed is a profile for the next process, whose optimiser makes it whole', async () => {
    using folder = temporaryFolder();
    answerOf(runProgram('loop-program.ts', [folder.path, '43', String(HOT)]));
    expect(describeCache(folder.path).entries).toMatchObject([{ kind: 'seed' }]);
    const clock = new ManualClock();
    await using cache = await openCacheWith({ directory: folder.path }, { ...realPorts, clock });
    const module = await cache.compile(loopModule(43));
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 0 });
    clock.move(2_000);
    await untilTrue(() => cache.stats().writes === 1);
    expect(describeCache(folder.path).entries).toMatchObject([{ kind: 'profile', generation: 1 }]);
    for (const delayMs of [5_000, 30_000, 300_000]) {
      await untilTrue(() => clock.waiting === 1);
      clock.move(delayMs);
    }
    await untilTrue(() => clock.waiting === 0);
    expect(cache.stats(), 'it rests').toMatchObject({ writes: 1, optimizer: { runs: 1 } });
    expect(callLoop(module, 1)).toBeTypeOf('number');
  });

  test.each(['profile', 'off'] as const)('what another has made meanwhile stays (here: %s)', async (optimizer) => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    await using cache = await openCacheWith({ directory: folder.path, optimizer }, { ...realPorts, clock });
    const module = await cache.compile(loopModule(44));
    while (serializer().serialize(module) === null) callLoop(module, HOT);
    const other = new ManualClock();
    const theirs = { directory: folder.path, optimizer: 'all' } as const;
    await using quicker = await openCacheWith(theirs, { ...realPorts, clock: other });
    const same = await quicker.compile(loopModule(44));
    other.move(2_000);
    await untilTrue(() => quicker.stats().writes === 1);
    clock.move(2_000);
    await untilTrue(() => clock.waiting === 0);
    expect(cache.stats()).toMatchObject({ writes: 0, optimizer: { runs: 0 } });
    expect(describeCache(folder.path).entries).toMatchObject([{ kind: 'all' }]);
    expect(callLoop(module, 3)).toBe(callLoop(same, 3));
  });

  test('trouble is told, tried once more, and then left alone', async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    const notes = new Notes();
    const spawn = ((_: string, __: string[], options: object) =>
      realPorts.spawn(process.execPath, ['-e', 'process.exit(12)'], options)) as typeof realPorts.spawn;
    const options = { directory: folder.path, logger: notes, optimizer: 'all' } as const;
    await using cache = await openCacheWith(options, { ...realPorts, clock, spawn });
    const module = await cache.compile(loopModule(45), { name: 'mine' });
    for (const failures of [1, 2]) {
      clock.move(30_000);
      await untilTrue(() => cache.stats().optimizer.failures === failures && cache.stats().optimizer.state === 'idle');
      await idle();
    }
    expect(clock.waiting).toBe(0);
    expect(notes.lines.map(({ fields }) => fields)).toEqual(
      [1, 2].map(() => ({ module: 'mine', why: 'V8 optimised nothing' })),
    );
    expect(callLoop(module, 1)).toBeTypeOf('number');
  });
});
