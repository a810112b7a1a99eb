import { setImmediate as turn } from 'node:timers/promises';
import {
  BACKEND_URL,
  Backend,
  echoGuest,
  endlessGuest,
  fetchEchoGuest,
  refusingGuest,
  stackLeakingGuest,
  trappingGuest,
} from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import type { Isolation, PluginOptions } from '../../src/index.ts';
import { type OpenPlugin, openPlugin } from '../open-plugin.ts';

const echoed = (data: string): object => ({ data, isError: false });

/** A plugin whose HTTP goes to a backend with gates. */
async function openWaiting(
  options: PluginOptions & { isolation: Isolation },
): Promise<OpenPlugin & { backend: Backend }> {
  const backend = new Backend();
  const http = { allow: [new URL(BACKEND_URL).hostname] };
  return Object.assign(await openPlugin(fetchEchoGuest(), { ...options, http }, { fetch: backend.fetch }), { backend });
}

/** Puts one call inside, held by a gate, and gives its promise. */
async function hold({ plugin, backend }: { plugin: OpenPlugin['plugin']; backend: Backend }, message: string) {
  const gate = backend.gate(message);
  const call = plugin.execute('fetch-then-echo', { message });
  await gate.reached;
  return { gate, call };
}

describe.each<Isolation>(['inline', 'worker'])('%s', (isolation) => {
  describe('the queue', () => {
    test('turns a call away when it is full, and says how full', async () => {
      await using opened = await openWaiting({ isolation, maxQueue: 1 });
      const { gate, call } = await hold(opened, 'a');
      const waiting = opened.plugin.execute('echo', { message: 'b' });
      await expect(opened.plugin.execute('echo', { message: 'c' })).rejects.toMatchObject({
        code: 'RUNTIME_QUEUE_FULL',
        facts: { maxQueue: 1 },
      });
      await expect(opened.plugin.stats()).resolves.toMatchObject({ queueLength: 1 });
      gate.open();
      await expect(Promise.all([call, waiting])).resolves.toEqual([echoed('a'), echoed('b')]);
    });

    test('lets nobody wait longer than may be; the call inside goes on', async () => {
      await using opened = await openWaiting({ isolation, queueTimeoutMs: 5 });
      const { gate, call } = await hold(opened, 'a');
      await expect(opened.plugin.execute('echo', { message: 'b' })).rejects.toMatchObject({
        code: 'RUNTIME_QUEUE_TIMEOUT',
      });
      gate.open();
      await expect(call).resolves.toEqual(echoed('a'));
    });
  });

  test('a call that waits too long on HTTP is stopped, and the next call works', async () => {
    await using opened = await openWaiting({ isolation, callTimeoutMs: 500 });
    opened.backend.gate('a');
    await expect(opened.plugin.execute('fetch-then-echo', { message: 'a' })).rejects.toMatchObject({
      code: 'RUNTIME_CALL_TIMEOUT',
      facts: { callTimeoutMs: 500 },
    });
    await expect(opened.plugin.execute('echo', { message: 'b' })).resolves.toEqual(echoed('b'));
    await expect(opened.plugin.stats()).resolves.toMatchObject({ timeouts: 1, errors: 1 });
  });

  test('close ends what still runs when the drain is over, with the answer of a closed module', async () => {
    await using opened = await openWaiting({ isolation });
    const { call } = await hold(opened, 'a');
    const closed = opened.plugin.close({ drainMs: 5 });
    await expect(call).resolves.toEqual({ data: 'wasm: module closed', isError: true });
    await closed;
    await expect(opened.plugin.stats()).resolves.toMatchObject({ state: 'closed', instances: 0 });
  });

  test('a crash loop makes calls fail fast with the last cause, and healthy() false', async () => {
    await using opened = await openPlugin(trappingGuest(), { isolation });
    const misbehave = () => opened.plugin.execute('misbehave', { message: '' });
    for (let round = 0; round < 5; round += 1) {
      await expect(misbehave()).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
    }
    await expect(misbehave()).rejects.toMatchObject({
      code: 'RUNTIME_CRASH_LOOP',
      facts: { failures: 5, retryAfterMs: expect.any(Number) },
      message: expect.stringContaining('unreachable'),
    });
    await expect(opened.plugin.healthy()).resolves.toBe(false);
    await expect(opened.plugin.stats()).resolves.toMatchObject({ traps: 5, crashLooping: true });
  });

  test('settings are given before the first call of every instance, and after each configure to all of them', async () => {
    await using opened = await openWaiting({ isolation, settings: { key: 'first' }, instances: { min: 1, max: 2 } });
    const settings = () => opened.plugin.execute('settings', { message: '' });
    await expect(settings()).resolves.toEqual(echoed('settings:{"key":"first"}'));
    const { gate, call } = await hold(opened, 'a'); // one instance is busy, so that a second has to start
    await expect(settings()).resolves.toEqual(echoed('settings:{"key":"first"}'));
    await opened.plugin.configure({ key: 'second' });
    gate.open();
    await call;
    const both = [await hold(opened, 'b'), await settings()] as const;
    both[0].gate.open();
    expect(both[1]).toEqual(echoed('settings:{"key":"second"}'));
    await both[0].call;
    await expect(settings()).resolves.toEqual(echoed('settings:{"key":"second"}'));
  });

  test('settings that the guest refuses keep it from loading, with its own words', async () => {
    await expect(openPlugin(refusingGuest(), { isolation, settings: { key: 'x' } })).rejects.toMatchObject({
      code: 'RUNTIME_CONFIGURE_REJECTED',
      message: expect.stringContaining('the key is wrong'),
    });
  });

  test('an instance above the least number ends when it has idled, and comes back when it is needed', async () => {
    await using opened = await openWaiting({ isolation, idleMs: 1, instances: { min: 1, max: 3 } });
    const use = async (): Promise<void> => {
      const held = await Promise.all(['a', 'b', 'c'].map((message) => hold(opened, message)));
      await expect(opened.plugin.stats()).resolves.toMatchObject({ instances: 3 });
      for (const { gate } of held) gate.open();
      await Promise.all(held.map(({ call }) => call));
    };
    await use();
    while ((await opened.plugin.stats()).instances > 1) await turn();
    await expect(opened.plugin.execute('echo', { message: 'd' })).resolves.toEqual(echoed('d'));
  });

  test('arguments above the limit are refused before they are copied', async () => {
    await using opened = await openPlugin(echoGuest(), { isolation, maxMessageBytes: 1_024 });
    await expect(opened.plugin.execute('echo', { message: 'x'.repeat(1_024) })).rejects.toMatchObject({
      code: 'ABI_MESSAGE_TOO_LARGE',
      limitBytes: 1_024,
    });
    await expect(opened.plugin.execute('echo', { message: 'x' })).resolves.toEqual(echoed('x'));
  });

  test('arguments that have no JSON form are refused without a call', async () => {
    await using opened = await openPlugin(echoGuest(), { isolation });
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await expect(opened.plugin.execute('echo', circle)).rejects.toThrow(TypeError);
    await expect(opened.plugin.stats()).resolves.toMatchObject({ calls: 0 });
  });

  test('a response larger than a message may be is a failed request, not a failed call', async () => {
    const fetch = async (): Promise<Response> => new Response('x'.repeat(2_000));
    const options = { isolation, maxMessageBytes: 1_024, http: { allow: ['*'] } };
    await using opened = await openPlugin(fetchEchoGuest(), options, { fetch });
    const { data } = await opened.plugin.execute('fetch-url', { message: BACKEND_URL });
    expect(JSON.parse(data.slice('response:'.length))).toMatchObject({ status: 0, body: expect.stringMatching(/\S/) });
  });

  test('messages of a megabyte come and go whole', async () => {
    await using opened = await openPlugin(echoGuest(), { isolation });
    const message = 'grüße, '.repeat(150_000);
    await expect(opened.plugin.execute('echo', { message })).resolves.toEqual(echoed(message));
  });

  test('a listener of guest logs that throws does not disturb the guest', async () => {
    await using opened = await openPlugin(echoGuest(), {
      isolation,
      onGuestLog: () => {
        throw new Error('a mistake of the listener');
      },
    });
    await expect(opened.plugin.execute('echo', { message: 'a' })).resolves.toEqual(echoed('a'));
    expect(opened.warnings.at(0)?.message).toContain('listener');
  });

  test('onStart that throws fails that call only', async () => {
    await using opened = await openPlugin(echoGuest(), { isolation });
    const onStart = (): never => {
      throw new Error('no');
    };
    await expect(opened.plugin.execute('echo', { message: 'a' }, { onStart })).rejects.toThrow('no');
    await expect(opened.plugin.execute('echo', { message: 'b' })).resolves.toEqual(echoed('b'));
    await expect(opened.plugin.stats()).resolves.toMatchObject({ recycled: 0, errors: 1 });
  });

  test('a call that is aborted before it waits does not wait, whatever it waits for', async () => {
    const leaving = new AbortController();
    const options = {
      isolation,
      http: { allow: ['*'] },
      onGuestLog: () => leaving.abort(new Error('the client has gone')),
    };
    const fetch = (): Promise<Response> => new Promise(() => {});
    await using opened = await openPlugin(fetchEchoGuest(), options, { fetch });
    const call = opened.plugin.execute('fetch-then-echo', { message: 'a' }, { signal: leaving.signal });
    await expect(call).rejects.toThrow('the client has gone');
    await expect(opened.plugin.execute('echo', { message: 'b' })).resolves.toEqual(echoed('b'));
  });

  test('a guest that comes back from a call that was aborted keeps its instance', async () => {
    await using opened = await openWaiting({ isolation });
    const leaving = new AbortController();
    const gate = opened.backend.gate('a');
    const call = opened.plugin.execute('fetch-then-echo', { message: 'a' }, { signal: leaving.signal });
    await gate.reached;
    leaving.abort(new Error('the client has gone'));
    await expect(call).rejects.toThrow('the client has gone');
    await expect(opened.plugin.execute('count', { message: '' })).resolves.toEqual(echoed('2'));
    await expect(opened.plugin.stats()).resolves.toMatchObject({ recycled: 0, traps: 0 });
  });
});

test('a worker whose guest does not come back after an abort is terminated after its grace', async () => {
  await using opened = await openPlugin(endlessGuest(), { isolation: 'worker', abortGraceMs: 5 });
  const leaving = new AbortController();
  const started = Promise.withResolvers<void>();
  const call = opened.plugin.execute(
    'misbehave',
    { message: '' },
    { signal: leaving.signal, onStart: started.resolve },
  );
  await started.promise;
  leaving.abort(new Error('the client has gone'));
  await expect(call).rejects.toThrow('the client has gone');
  await expect(opened.plugin.execute('echo', { message: 'b' })).resolves.toEqual(echoed('b'));
  await expect(opened.plugin.stats()).resolves.toMatchObject({ recycled: 1, timeouts: 0 });
});

test('a guest whose every free traps serves 200,000 calls with its memory bounded', async () => {
  const maxLeakedBytes = 8 * 1024 * 1024;
  await using opened = await openPlugin(stackLeakingGuest(), { isolation: 'inline', maxLeakedBytes });
  const message = 'x'.repeat(100);
  for (let call = 0; call < 200_000; call += 1) {
    const { data } = await opened.plugin.execute('echo', { message });
    if (data !== message) expect(data).toBe(message);
  }
  const stats = await opened.plugin.stats();
  expect(stats).toMatchObject({ calls: 200_000, errors: 0, traps: 0, instances: 1 });
  expect(stats.recycled).toBeGreaterThan(3);
  expect(stats.leakedBytes).toBeLessThanOrEqual(maxLeakedBytes);
  expect(stats.memoryBytes).toBeLessThan(2 * maxLeakedBytes);
  expect(opened.warnings.filter(({ message: text }) => text.includes('free'))).toHaveLength(1);
});
