import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as nodeFs from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { cacheKeys, isEntryName } from '../src/cache-key.ts';
import { thisUser } from '../src/directory.ts';
import { clearCache } from '../src/directory-report.ts';
import { readHead } from '../src/entry-file.ts';
import { realFileSystem } from '../src/file-system.ts';
import { FsStore } from '../src/fs-store.ts';
import { Optimizer, type Work } from '../src/optimizer.ts';
import { exitOf, explainExit } from '../src/optimizer-job.ts';
import { digestOf, loopModule, loopResult } from './fixtures/modules.ts';
import {
  answerOf,
  FROM_SOURCE,
  fixture,
  noDisk,
  runProgram,
  SOURCE_ENVIRONMENT,
  serializer,
  temporaryFolder,
  untilTrue,
} from './fixtures/setting.ts';

const MIB = 1024 * 1024;

function setUp(
  directory: string,
  overrides: { spawn?: typeof spawn; maxBytes?: number; fs?: typeof realFileSystem } = {},
) {
  const keys = cacheKeys(serializer());
  const ports = { directory, maxBytes: 100 * MIB, serializer: serializer(), fs: realFileSystem, spawn, ...overrides };
  const work = (seed = 1, changes: Partial<Work> = {}): Work => {
    const wire = loopModule(seed);
    const wasm = digestOf(wire);
    const environment = keys.environment();
    const entryName = keys.entryName(wasm, environment);
    return { wire, wasm, environment, entryName, generation: 1, looks: 1, profile: null, ...changes };
  };
  const store = new FsStore({ directory, fs: realFileSystem, user: thisUser() });
  const head = (seed = 1) => readHead(store, work(seed).entryName, serializer());
  const run = async (optimizer: Optimizer, given: Work) => {
    using turn = optimizer.takeTurn();
    if (turn === undefined) throw new Error('somebody else has the turn');
    return optimizer.run(turn, given);
  };
  return { optimizer: new Optimizer(ports), another: () => new Optimizer(ports), work, head, run };
}

/** A process in the optimiser's place that never ends by itself. */
const endless = ((_, __, options) =>
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], options ?? {})) as typeof spawn;

describe.skipIf(noDisk)('the optimiser', () => {
  test('leaves an entry that another process loads, with the same results', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, head, run } = setUp(folder.path);
    expect(await run(optimizer, work())).toBe('written');
    expect(head()?.description).toMatchObject({ kind: 'all', generation: 1, wasmBytes: loopModule(1).byteLength });
    expect(head()?.description.costMs).toBeGreaterThan(0);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(answerOf(runProgram('loop-program.ts', [folder.path, '1', '10']))).toMatchObject({
      result: loopResult(1, 10),
      stats: { hits: 1 },
    });
    expect(optimizer.stats).toEqual({ state: 'idle', runs: 1, failures: 0 });
  });

  test('works at the lowest priority', async () => {
    using folder = temporaryFolder();
    const seen: ChildProcess[] = [];
    const watching = ((...given: Parameters<typeof spawn>) => {
      const child = endless(...given);
      seen.push(child);
      return child;
    }) as typeof spawn;
    const { optimizer, work, run } = setUp(folder.path, { spawn: watching });
    const running = run(optimizer, work());
    await untilTrue(() => optimizer.stats.state === 'running');
    expect(getPriority(seen[0]?.pid)).toBe(19);
    await optimizer.cancel();
    expect(await running).toBe('cancelled');
  });

  test('runs once per directory, whichever process asks, and the turn of a killed one is free', async () => {
    using folder = temporaryFolder();
    const { optimizer, another } = setUp(folder.path);
    const turn = optimizer.takeTurn();
    expect(turn).toBeDefined();
    expect(another().takeTurn()).toBeUndefined();
    turn?.[Symbol.dispose]();

    const program = [...FROM_SOURCE, fixture('turn-program.ts'), folder.path];
    const holder = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'], env: SOURCE_ENVIRONMENT });
    expect(String((await once(holder.stdout, 'data'))[0])).toBe('mine\n');
    expect(optimizer.takeTurn()).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    using free = optimizer.takeTurn();
    expect(free).toBeDefined();
  });

  test('is ended by cancel, which waits until it is gone, and starts no more', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, run, head } = setUp(folder.path);
    const running = run(optimizer, work());
    await untilTrue(() => optimizer.stats.state === 'running');
    await optimizer.cancel();
    expect(await running).toBe('cancelled');
    expect(optimizer.stats).toMatchObject({ state: 'idle', failures: 0 });
    expect(head()).toBeUndefined();
    clearCache(folder.path);
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await run(optimizer, work())).toBe('cancelled');
  });

  test('never keeps a process from ending', () => {
    using folder = temporaryFolder();
    const answer = answerOf<{ optimizer: number }>(runProgram('leaving-program.ts', [folder.path]));
    expect(spawnSync('kill', ['-9', String(answer.optimizer)]).status, 'it outlived the process that started it').toBe(
      0,
    );
  });

  test.each([
    ['warm', 'written'],
    ['close', { state: 'idle', failures: 0, module: true }],
  ])('is waited for by who awaits %s, to the end', (task, answer) => {
    using folder = temporaryFolder();
    const file = `${folder.path}/module.wasm`;
    nodeFs.writeFileSync(file, loopModule(1));
    expect(answerOf(runProgram('waiting-program.ts', [task, `${folder.path}/cache`, file]))).toEqual(answer);
  });

  test('gives up where V8 runs under other flags than the code is for', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, run, head } = setUp(folder.path);
    const environment = { ...work().environment, flags: 1 };
    expect(await run(optimizer, work(1, { environment }))).toEqual({ failed: expect.stringMatching(/other flags/) });
    expect(head()).toBeUndefined();
    expect(optimizer.stats).toMatchObject({ state: 'unavailable', failures: 1 });
  });

  test('checks the bytes it got', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, run } = setUp(folder.path);
    expect(await run(optimizer, work(1, { wasm: 'f'.repeat(64) }))).toEqual({
      failed: expect.stringMatching(/other bytes/),
    });
  });

  test('writes nothing that is larger than the whole cache', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, run, head } = setUp(folder.path, { maxBytes: 4096 });
    expect(await run(optimizer, work())).toEqual({ failed: expect.stringMatching(/larger than/) });
    expect(head()).toBeUndefined();
  });

  test('does without a profile that V8 refuses', async () => {
    using folder = temporaryFolder();
    const { optimizer, work, run, head } = setUp(folder.path);
    expect(await run(optimizer, work(1, { profile: new Uint8Array(100) }))).toBe('written');
    expect(head()?.description.kind).toBe('all');
  });

  test('a process that cannot be started is a failure that says so, and not tried again', async () => {
    using folder = temporaryFolder();
    const nowhere = ((_, given, options) => spawn('/nowhere/node', given ?? [], options ?? {})) as typeof spawn;
    const { optimizer, work, run } = setUp(folder.path, { spawn: nowhere });
    expect(await run(optimizer, work())).toEqual({ failed: expect.stringMatching(/ENOENT/) });
    expect(optimizer.available).toBe(false);
  });

  test('a full disk or a vanished directory is a failure like any other', async () => {
    using folder = temporaryFolder();
    const broken = { ...nodeFs.promises, open: () => Promise.reject(new Error('ENOSPC')) };
    const { optimizer, work, run } = setUp(folder.path, { fs: { ...nodeFs, promises: broken } });
    expect(await run(optimizer, work())).toEqual({ failed: 'ENOSPC' });
    expect(setUp('/nowhere/at/all').optimizer.takeTurn()).toBeUndefined();
  });

  test('a disk that gets full while the work is handed over is named as such', async () => {
    using folder = temporaryFolder();
    const open = async (...given: Parameters<typeof nodeFs.promises.open>) => {
      const file = await nodeFs.promises.open(...given);
      let room = 100;
      const write = async (bytes: Uint8Array, from: number, byteLength: number, at: number) => {
        if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        const written = await file.write(bytes, from, Math.min(room, byteLength), at);
        room -= written.bytesWritten;
        return written;
      };
      return { write, close: () => file.close() } as unknown as nodeFs.promises.FileHandle;
    };
    const fs = { ...nodeFs, promises: { ...nodeFs.promises, open } };
    const { optimizer, work, run } = setUp(folder.path, { fs });
    expect(await run(optimizer, work())).toEqual({
      noSpace: true,
      failed: expect.stringMatching(/^no space is left for .*ENOSPC/),
    });
  });

  test.each([
    ['ENOSPC', 'not loaded', /no space is left/],
    ['EDQUOT', 'verified', /no space is left/],
    ['EIO', 'not loaded', /could not be written/],
    ['ENOSPC', 'refused', /could not load/],
  ] as const)('%s while its entry is %s is explained', (code, candidate, why) => {
    const error = Object.assign(new Error(code), { code });
    expect(explainExit(exitOf(error, candidate, '/cache'), null)).toMatch(why);
  });

  test('its lock is no way to a file elsewhere', () => {
    using folder = temporaryFolder();
    nodeFs.symlinkSync(`${folder.path}/elsewhere`, `${folder.path}/optimizer.lock`);
    expect(setUp(folder.path).optimizer.takeTurn()).toBeUndefined();
    expect(existsSync(`${folder.path}/elsewhere`)).toBe(false);
    expect(readdirSync(folder.path).filter(isEntryName)).toEqual([]);
  });
});
