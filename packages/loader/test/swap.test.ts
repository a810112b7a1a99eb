import { Gate, versionGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { Inbox } from './inbox.ts';
import { isolations, openStage, REACH } from './stage.ts';

const A = versionGuest('A', { http: true });
const B = versionGuest('B', { http: true });
const C = versionGuest('C', { http: true });
const D = versionGuest('D', { http: true });

describe.each(isolations)('a swap (%s)', (isolation) => {
  test('sends every new call to the new version, through the handle that was there before', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A);
    expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'A:x', isError: false });

    const facts = await stage.loader.reload('versioned', B);

    expect(facts).toMatchObject({ generation: 2, version: 'B' });
    expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'B:x', isError: false });
    expect(await handle.metadata()).toMatchObject({ version: 'B' });
    expect(stage.loader.get('versioned')).toBe(handle);
  });

  test('lets a running call finish on the version it began on, and closes that one only then', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, REACH);
    const drained = new Inbox<number>();
    stage.loader.on('drained', ({ generation }) => drained.put(generation));
    const gate = stage.backend.gate('held');
    const running = handle.execute('fetch-then-echo', { message: 'held' });
    await gate.reached;

    await stage.loader.reload('versioned', B);
    expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'B:x', isError: false });
    expect(drained.waiting).toEqual([]);
    expect(stage.loader.list()).toMatchObject([{ draining: 1, leases: 0, live: { generation: 2 } }]);
    gate.open();

    expect(await running).toEqual({ data: 'A:held', isError: false });
    expect(await drained.next()).toBe(1);
    expect(stage.loader.list()).toMatchObject([{ draining: 0 }]);
  });

  test('moves calls that wait for their turn to the new version at once', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, REACH);
    const gate = stage.backend.gate('held');
    const running = handle.execute('fetch-then-echo', { message: 'held' });
    await gate.reached;
    const starts: string[] = [];
    const waiting = ['1', '2', '3'].map((message) =>
      handle.execute('echo', { message }, { onStart: () => starts.push(message) }),
    );
    const asking = [handle.tools(), handle.metadata(), handle.compactSpecs(), handle.healthy(), handle.name()];

    await stage.loader.reload('versioned', B);

    expect((await Promise.all(waiting)).map(({ data }) => data)).toEqual(['B:1', 'B:2', 'B:3']);
    expect(starts).toEqual(['1', '2', '3']);
    expect(await Promise.all(asking)).toMatchObject([
      [{ name: 'echo' }, {}, {}, {}, {}, {}, {}],
      { version: 'B' },
      { echo: ['message'] },
      true,
      'versioned',
    ]);
    gate.open();
    expect(await running).toMatchObject({ data: 'A:held' });
  });

  test('leaves a waiting call that its caller aborted alone', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, REACH);
    const gate = stage.backend.gate('held');
    const running = handle.execute('fetch-then-echo', { message: 'held' });
    await gate.reached;
    const stop = new AbortController();
    const waiting = handle.execute('echo', { message: 'x' }, { signal: stop.signal });
    const reload = stage.loader.reload('versioned', B);
    stop.abort(new Error('changed my mind'));

    await expect(waiting).rejects.toThrow('changed my mind');
    await reload;
    gate.open();
    await running;
  });

  test('ends calls that run longer than the drain time, and tells their callers why', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, { ...REACH, drainMs: 0 });
    const gate = stage.backend.gate('held');
    const running = handle.execute('fetch-then-echo', { message: 'held' });
    await gate.reached;
    const outcome = expect(running).rejects.toMatchObject({
      code: 'LOADER_DRAIN_TIMEOUT',
      facts: { module: 'versioned', generation: 1, drainMs: 0 },
    });
    await stage.loader.reload('versioned', B);

    await outcome;
    expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'B:x' });
  });

  test('is told in its own step: a call made by the listener is answered by the new version', async () => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A);
    const answers = new Inbox<Promise<{ data: string }>>();
    stage.loader.on('reloaded', () => answers.put(handle.execute('echo', { message: 'x' })));
    await stage.loader.reload('versioned', B);

    expect(await await answers.next()).toMatchObject({ data: 'B:x' });
  });
});

describe('changes of one module', () => {
  test('happen one at a time, and of those that wait only the newest', async () => {
    await using stage = await openStage();
    const probes: string[] = [];
    const gate = new Gate();
    const handle = await stage.loader.load(A, {
      async probe(plugin) {
        const { version } = (await plugin.metadata()) ?? {};
        probes.push(String(version));
        if (version === 'B') await gate.pass();
      },
    });
    const first = stage.loader.reload('versioned', B);
    await gate.reached;
    const others = [stage.loader.reload('versioned', C), stage.loader.reload('versioned', D)];
    expect(stage.loader.list()).toMatchObject([{ state: 'changing' }]);
    expect(await handle.execute('echo', { message: 'x' })).toMatchObject({ data: 'A:x' });
    gate.open();

    expect(await first).toMatchObject({ version: 'B', generation: 2 });
    expect(await Promise.all(others)).toMatchObject([
      { version: 'D', generation: 3 },
      { version: 'D', generation: 3 },
    ]);
    expect(probes).toEqual(['A', 'B', 'D']);
  });

  test('go on beside those of other modules', async () => {
    await using stage = await openStage();
    const gates = { one: new Gate(), two: new Gate() };
    let reloading = false;
    for (const name of ['one', 'two'] as const) {
      await stage.loader.load(A, { name, probe: async () => (reloading ? gates[name].pass() : undefined) });
    }
    reloading = true;
    const one = stage.loader.reload('one', B);
    const two = stage.loader.reload('two', B);
    await gates.one.reached;
    await gates.two.reached; // a loader with one lock for all would never get here
    gates.one.open();
    gates.two.open();

    expect(await Promise.all([one, two])).toMatchObject([{ version: 'B' }, { version: 'B' }]);
  });

  test('that an unload overtakes end at once, and leave nothing behind', async () => {
    await using stage = await openStage();
    let reloading = false;
    const handle = await stage.loader.load(A, {
      ...REACH,
      // It hangs in the new version itself until that one is closed under it.
      probe: async (plugin) => (reloading ? plugin.execute('fetch-then-echo', { message: 'held' }) : undefined),
    });
    reloading = true;
    const held = stage.backend.gate('held');
    const reload = stage.loader.reload('versioned', B);
    const waiting = stage.loader.reload('versioned', C);
    await held.reached;
    const unloading = stage.loader.unload('versioned');
    const outcomes = await Promise.allSettled([reload, waiting]);
    await unloading;

    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'RUNTIME_MODULE_CLOSED' } },
      { status: 'rejected', reason: { code: 'RUNTIME_MODULE_CLOSED' } },
    ]);
    expect(await handle.execute('echo', { message: 'x' })).toEqual({ data: 'wasm: module closed', isError: true });
    expect(stage.loader.list()).toEqual([]);
  });
});
