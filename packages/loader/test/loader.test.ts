import { createHash } from 'node:crypto';
import { echoGuest, guardGuest, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { createLoader, type Loader, type LoaderOptions } from '../src/index.ts';
import { Inbox } from './inbox.ts';
import { openStage, REACH } from './stage.ts';

const A = versionGuest('A', { http: true });
const B = versionGuest('B');
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a loaded module', () => {
  test('bears the name given, else the one its guest says', async () => {
    await using stage = await openStage();
    const named = await stage.loader.load(echoGuest({ name: 'mine' }), { name: 'ours' });
    const unnamed = await stage.loader.load(echoGuest({ name: 'mine' }));

    expect(await named.name()).toBe('ours');
    expect(await unnamed.name()).toBe('mine');
    expect(stage.loader.list().map(({ name }) => name)).toEqual(['ours', 'mine']);
    expect(stage.loader.get('ours')).toBe(named);
  });

  test('bears no empty name', async () => {
    await using stage = await openStage();
    await stage.loader.load(echoGuest({ name: 'mine' }), { name: '' });
    const guard = await stage.loader.loadGuard(guardGuest(), { name: '', callBackend: async () => new Uint8Array() });

    expect(guard.name).toBe('guard');
    expect(stage.loader.list().map(({ name }) => name)).toEqual(['mine', 'guard']);
  });

  test('keeps its name when a new version says another', async () => {
    await using stage = await openStage();
    const handle = await stage.loader.load(echoGuest({ name: 'old' }));
    await stage.loader.reload('old', echoGuest({ name: 'new' }));

    expect(await handle.name()).toBe('old');
    expect(() => stage.loader.get('new')).toThrow(expect.objectContaining({ code: 'LOADER_UNKNOWN_NAME' }));
  });

  test('is listed with everything that is known of it', async () => {
    await using stage = await openStage({ now: () => 1_234 });
    await stage.loader.load(A, { ...REACH, sha256: digest(A) });
    const gate = stage.backend.gate('held');
    const running = stage.loader.get('versioned').execute('fetch-then-echo', { message: 'held' });
    await gate.reached;

    expect(stage.loader.list()).toEqual([
      {
        name: 'versioned',
        kind: 'plugin',
        state: 'live',
        source: 'bytes',
        live: { generation: 1, version: 'A', digest: digest(A), loadedAt: 1_234 },
        leases: 1,
        draining: 0,
        kept: 0,
        lastError: null,
      },
    ]);
    gate.open();
    await running;
  });

  test('gives the figures of its newest version, also after it was unloaded', async () => {
    await using stage = await openStage();
    const handle = await stage.loader.load(A);
    await handle.execute('echo', { message: 'x' });
    expect((await handle.stats()).calls).toBeGreaterThan(0);
    await stage.loader.unload('versioned');

    expect(await handle.stats()).toMatchObject({ state: 'closed', instances: 0 });
  });
});

describe('a name', () => {
  test('is taken from the moment of loading', async () => {
    await using stage = await openStage();
    const first = stage.loader.load(A, { name: 'guest' });
    await expect(stage.loader.load(B, { name: 'guest' })).rejects.toMatchObject({ code: 'LOADER_NAME_TAKEN' });
    expect(stage.loader.list()).toMatchObject([{ name: 'guest', state: 'loading', live: null }]);
    expect(() => stage.loader.get('guest')).toThrow(expect.objectContaining({ code: 'LOADER_UNKNOWN_NAME' }));

    await first;
    await expect(stage.loader.load(versionGuest('A', { name: 'guest' }))).rejects.toMatchObject({
      code: 'LOADER_NAME_TAKEN',
    });
    expect(stage.loader.list()).toHaveLength(1);
  });

  test('is free once it is given away, and its handle goes on until it is closed', async () => {
    await using stage = await openStage();
    const told = new Inbox<string>();
    stage.loader.on('unloaded', ({ name }) => told.put(name));
    const first = await stage.loader.load(A, { ...REACH, name: 'guest' });
    stage.loader.release('guest');
    const second = await stage.loader.load(B, { name: 'guest' });
    expect(stage.loader.get('guest')).toBe(second);
    const versions = [await first.metadata(), await second.metadata()].map((metadata) => metadata?.version);
    expect(versions).toEqual(['A', 'B']);
    await first.close();
    expect(await first.metadata()).toBeNull();
    expect((await second.metadata())?.version).toBe('B');
    expect(await told.next()).toBe('guest');
    expect(() => stage.loader.release('nobody')).toThrow(expect.objectContaining({ code: 'LOADER_UNKNOWN_NAME' }));
  });

  test('is free from the moment of unloading, while calls still run', async () => {
    await using stage = await openStage();
    const old = await stage.loader.load(A, { ...REACH, name: 'guest' });
    const gate = stage.backend.gate('held');
    const running = old.execute('fetch-then-echo', { message: 'held' });
    await gate.reached;
    const unloading = stage.loader.unload('guest');
    const fresh = await stage.loader.load(B, { name: 'guest' });

    expect(await fresh.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
    expect(await old.execute('echo', { message: 'x' })).toEqual({ data: 'wasm: module closed', isError: true });
    gate.open();
    expect(await running).toMatchObject({ data: 'A:held' });
    await unloading;
    await old.close(); // a closed handle closes nothing else
    expect(await fresh.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
  });

  test('that is unknown, or of the other kind, is refused by every method', async () => {
    await using stage = await openStage();
    await stage.loader.loadGuard(guardGuest(), { name: 'guard', callBackend: async () => new Uint8Array() });
    await stage.loader.load(A);
    const unknown = { code: 'LOADER_UNKNOWN_NAME' };

    await expect(stage.loader.reload('nobody')).rejects.toMatchObject(unknown);
    await expect(stage.loader.rollback('nobody')).rejects.toMatchObject(unknown);
    await expect(stage.loader.unload('nobody')).rejects.toMatchObject(unknown);
    await expect(stage.loader.configure('guard', {})).rejects.toMatchObject(unknown);
    expect(() => stage.loader.get('guard')).toThrow(expect.objectContaining(unknown));
    expect(() => stage.loader.getGuard('versioned')).toThrow(expect.objectContaining(unknown));
  });
});

test('events tell the whole life of a module, in order', async () => {
  await using stage = await openStage();
  const told = new Inbox<string>();
  for (const name of ['loaded', 'reloaded', 'rejected', 'unloaded', 'drained'] as const) {
    stage.loader.on(name, (event) => told.put(`${name} ${'generation' in event ? event.generation : ''}`.trim()));
  }
  await stage.loader.load(A);
  await stage.loader.reload('versioned', B);
  expect([await told.next(), await told.next(), await told.next()]).toEqual(['loaded 1', 'reloaded 2', 'drained 1']);
  await stage.loader.reload('versioned', new Uint8Array(4)).catch(() => undefined);
  await stage.loader.unload('versioned');
  expect([await told.next(), await told.next(), await told.next()]).toEqual(['rejected', 'unloaded', 'drained 2']);
});

describe('closing the loader', () => {
  test('unloads everything, once, and turns every later change away', async () => {
    await using stage = await openStage();
    const handle = await stage.loader.load(A);
    const loading = stage.loader.load(B, { name: 'other' });
    const closing = stage.loader.close();

    expect(stage.loader.close()).toBe(closing);
    await expect(loading).rejects.toMatchObject({ code: 'RUNTIME_MODULE_CLOSED' });
    await closing;
    expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'wasm: module closed', isError: true });
    expect(stage.loader.list()).toEqual([]);
    await expect(stage.loader.load(A)).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
    await expect(stage.loader.reload('versioned')).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
    await expect(stage.loader.watchFolder('.')).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
  });

  test('closes all modules before it complains about those that failed to', async () => {
    await using stage = await openStage();
    const closed: string[] = [];
    // The real runtime, but two of its modules are closed with an error at the end.
    const runtime: LoaderOptions['runtime'] = {
      loadGuard: (bytes, options) => stage.runtime.loadGuard(bytes, options),
      async loadPlugin(bytes, options) {
        const plugin = await stage.runtime.loadPlugin(bytes, options);
        return Object.assign(Object.create(plugin), {
          async close() {
            await plugin.close();
            closed.push(String(options.name));
            if (options.name !== 'good') throw new Error(`${options.name} would not close`);
          },
          execute: plugin.execute.bind(plugin),
          metadata: plugin.metadata.bind(plugin),
          name: plugin.name.bind(plugin),
          tools: plugin.tools.bind(plugin),
        });
      },
    };
    const loader: Loader = createLoader({ runtime });
    for (const name of ['bad', 'good', 'worse']) await loader.load(A, { name });
    const complaint = await loader.close().catch((error: unknown) => error);

    expect(closed.toSorted()).toEqual(['bad', 'good', 'worse']);
    expect(complaint).toBeInstanceOf(AggregateError);
    expect((complaint as AggregateError).errors.map(({ errors }) => errors[0].message)).toEqual([
      'bad would not close',
      'worse would not close',
    ]);
  });
});

test('options that make no sense are programming mistakes', async () => {
  await using stage = await openStage();
  await expect(stage.loader.load(A, { keep: -1 })).rejects.toThrow(/"keep"/);
  await expect(stage.loader.load(A, { drainMs: 1.5 })).rejects.toThrow(/"drainMs"/);
  await expect(stage.loader.load(A, { watch: true })).rejects.toThrow(/file/);
  await expect(stage.loader.load('https://modules.test/a.wasm')).rejects.toBeInstanceOf(TypeError);
  await expect(stage.loader.load(A, { callTimeoutMs: -1 })).rejects.toThrow(/"callTimeoutMs"/);
  expect(stage.loader.list()).toEqual([]);
});
