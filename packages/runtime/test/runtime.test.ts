import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openCache } from '@lockgate/cache';
import {
  echoGuest,
  endlessGuest,
  guardGuest,
  leakCheck,
  missingExportGuest,
  slowStartGuest,
  unknownImportGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import * as index from '../src/index.ts';

const { createRuntime } = index;

describe('a runtime', () => {
  test('loads from bytes, a path and a file URL, and names a file by itself until the guest has said its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockgate-'));
    const path = join(folder, 'from-file.wasm');
    await writeFile(path, echoGuest({ name: 'said' }));
    const runtime = await createRuntime({ isolation: 'inline' });
    for (const source of [path, pathToFileURL(path), echoGuest({ name: 'said' })]) {
      const plugin = await runtime.loadPlugin(source);
      expect((await plugin.stats()).name).toBe(source instanceof Uint8Array ? 'plugin' : 'from-file');
      await expect(plugin.name()).resolves.toBe('said');
      expect((await plugin.stats()).name).toBe('said');
    }
    await expect(runtime.loadPlugin(join(folder, 'missing.wasm'))).rejects.toMatchObject({ code: 'ENOENT' });
    await runtime.close();
    await rm(folder, { recursive: true });
  });

  test('closes what it loaded, and what gets ready only while it closes', async () => {
    await leakCheck(async () => {
      const runtime = await createRuntime();
      const early = await runtime.loadPlugin(echoGuest());
      const late = runtime.loadPlugin(slowStartGuest({ turns: 1_000 }));
      const refused = expect(late).rejects.toThrow(TypeError);
      await runtime.close();
      await refused;
      await expect(early.execute('echo', {})).resolves.toMatchObject({ isError: true });
      await expect(runtime.loadPlugin(echoGuest())).rejects.toThrow(TypeError);
    });
  });

  test('does not wait for a guest that never gets ready', async () => {
    await leakCheck(async () => {
      const runtime = await createRuntime();
      const refused = expect(runtime.loadPlugin(endlessGuest({ in: '_initialize' }))).rejects.toThrow(TypeError);
      await runtime.close();
      await refused;
    });
  });

  test('leaves a cache that it was given open', async () => {
    await using cache = await openCache();
    const runtime = await createRuntime({ cache, isolation: 'inline' });
    await runtime.loadPlugin(echoGuest());
    await runtime.close();
    await expect(cache.compile(echoGuest())).resolves.toBeInstanceOf(WebAssembly.Module);
  });

  test('compiles a module once, however many instances and names it gets', async () => {
    await using cache = await openCache();
    const runtime = await createRuntime({ cache, isolation: 'inline' });
    await Promise.all(
      ['a', 'b', 'c'].map((name) => runtime.loadPlugin(echoGuest(), { name, instances: { min: 2, max: 2 } })),
    );
    await runtime.close();
    expect(cache.stats().misses).toBe(1);
  });

  test.each([
    ['no module', new Uint8Array([1, 2, 3]), /WebAssembly/],
    ['a module without an export', missingExportGuest({ missing: 'tools' }), /tools/],
    ['a module with an unknown import', unknownImportGuest(), /./],
    ['a guard', guardGuest(), /not a plugin/],
  ])('refuses %s as a plugin', async (_what, bytes, words) => {
    await using runtime = await createRuntime({ isolation: 'inline' });
    const refused = runtime.loadPlugin(bytes, { name: 'mine' });
    await expect(refused).rejects.toMatchObject({ code: 'RUNTIME_LINK', facts: { module: 'mine' } });
    await expect(refused).rejects.toThrow(words);
  });

  test.each([
    [{ callTimeoutMs: 0 }],
    [{ maxQueue: -1 }],
    [{ drainMs: 1.5 }],
    [{ memoryCeilingBytes: Number.NaN }],
    [{ instances: { min: 2, max: 1 } }],
    [{ instances: { max: 0 } }],
    [{ isolation: 'thread' as never }],
    [{ http: { allow: ['http://example.com'] } }],
  ])('takes %j for a mistake of the program', async (options) => {
    await using runtime = await createRuntime();
    await expect(runtime.loadPlugin(echoGuest(), options)).rejects.toThrow(TypeError);
  });

  test('takes its own limits as defaults of its modules', async () => {
    await expect(createRuntime({ callTimeoutMs: 0 })).rejects.toThrow(TypeError);
    await using runtime = await createRuntime({ isolation: 'inline', maxMessageBytes: 2_000 });
    const message = 'x'.repeat(3_000);
    const small = await runtime.loadPlugin(echoGuest());
    await expect(small.execute('echo', { message })).rejects.toMatchObject({ code: 'ABI_MESSAGE_TOO_LARGE' });
    const large = await runtime.loadPlugin(echoGuest(), { maxMessageBytes: 10_000 });
    await expect(large.execute('echo', { message })).resolves.toEqual({ data: message, isError: false });
  });
});

test('the public surface is this and no more', () => {
  expect(Object.keys(index).sort()).toEqual([
    'CallTimeoutError',
    'ConfigureRejectedError',
    'CrashLoopError',
    'GuestMessageError',
    'GuestTrapError',
    'JspiMissingError',
    'LinkError',
    'MemoryCeilingError',
    'ModuleClosedError',
    'NoThreadError',
    'QueueFullError',
    'QueueTimeoutError',
    'ReentryError',
    'StorageError',
    'UnreadableFileError',
    'createCheckedFetch',
    'createRuntime',
    'readModule',
  ]);
});
