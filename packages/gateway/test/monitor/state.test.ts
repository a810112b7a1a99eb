import { describe, expect, test } from 'vitest';
import { StateError } from '../../src/state/state-error.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';
import { fickleStore, newStore } from './fickle-store.ts';
import { answer, EMPTY, monitorWith, PlainGuard, PRIVATE } from './plain-guard.ts';

describe('a store that fails', () => {
  const cases = [
    { title: 'a server with a guard', server: 'files', guard: new PlainGuard() },
    { title: 'a server that is open', server: 'web', guard: new PlainGuard() },
  ];
  test.each(cases)(
    'denies the call of $title before the backend is called, and says why',
    async ({ server, guard }) => {
      const { store, state } = fickleStore();
      const { monitor, call, decisions } = monitorWith(guard, { store });
      state.fails = () => true;
      let called = 0;
      const asked = () => monitor.guarded(call('list', { server }), async () => answer(++called));
      await expect(asked()).rejects.toMatchObject({
        code: 'GATEWAY_STATE',
        message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
      });
      expect(decisions).toMatchObject([{ verdict: 'denied', reason: expect.stringMatching(/cannot be reached/) }]);
      state.fails = () => false;
      await asked();
      expect(called).toBe(1);
    },
  );

  test('withholds an answer whose labels cannot be kept', async () => {
    const { store, state } = fickleStore();
    const { monitor, call } = monitorWith(new PlainGuard({ mode: 'propagate', resource: PRIVATE }), { store });
    await monitor.guarded(call('post', { server: 'web' }), async () => answer('sent'));
    state.fails = (operation) => operation === 'compareAndSet';
    // The first call writes the guard's grant, which fails as well.
    await expect(monitor.guarded(call('read'), async () => answer('secret'))).rejects.toThrow(StateError);
    state.fails = () => false;
    const read = monitor.guarded(call('read'), async () => {
      state.fails = (operation) => operation === 'compareAndSet';
      return answer('secret');
    });
    await expect(read).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
  });

  test('denies calls with a limit, when what is left of it cannot be known', async () => {
    const { store, state } = fickleStore();
    const { monitor, call } = monitorWith(new PlainGuard(), { store, limits: { send: 1 } });
    state.fails = (_, key) => key.startsWith('quota');
    let called = 0;
    const send = () => monitor.guarded(call('send', { server: 'web' }), async () => answer(++called));
    await expect(send()).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
    state.fails = () => false;
    await send();
    await expect(send()).rejects.toMatchObject({ code: 'GATEWAY_TOOL_CALL_LIMIT' });
    expect(called).toBe(1);
  });

  test('that comes back empty denies the sessions that had labels or counts', async () => {
    const stores = { now: newStore() };
    const store: StateStore = new Proxy(newStore(), {
      get: (_, name: keyof StateStore) => {
        const member: unknown = stores.now[name];
        return typeof member === 'function' ? member.bind(stores.now) : member;
      },
    });
    const guard = new PlainGuard({ mode: 'propagate', resource: PRIVATE });
    const { monitor, call } = monitorWith(guard, { store, limits: { send: 2 } });
    await monitor.guarded(call('read'), async () => answer('secret'));
    await monitor.guarded(call('send', { server: 'web', session: 'two' }), async () => answer('sent'));
    stores.now = newStore();
    const post = (session: string, tool = 'post') =>
      monitor.guarded(call(tool, { server: 'web', session }), async () => answer('sent'));
    await expect(post('one')).rejects.toMatchObject({ problem: { kind: 'lost', record: 'labels' } });
    await expect(post('two', 'send')).rejects.toMatchObject({ problem: { kind: 'lost', record: 'quota' } });
    await post('three');
  });
});

describe('labels and counts in a store that several monitors share', () => {
  const shared = () => {
    const store = newStore();
    const guard = new PlainGuard({ mode: 'propagate', resource: PRIVATE });
    const monitors = [1, 2].map(() => monitorWith(guard, { store, limits: { send: 10 } }));
    return { store, guard, monitors };
  };

  test('hold for each of them', async () => {
    const { monitors, guard } = shared();
    const [one, two] = monitors;
    await one?.monitor.guarded(one.call('read'), async () => answer('secret'));
    await expect(two?.monitor.guarded(two.call('post', { server: 'web' }), async () => answer('sent'))).rejects.toThrow(
      /carries secrecy.*private/,
    );
    await two?.monitor.guarded(two.call('read'), async () => answer('secret'));
    expect(guard.asked.agent).toBe(1);
  });

  test('lose nothing when calls come together, and nobody takes the last call twice', async () => {
    const { store, monitors } = shared();
    let tag = 0;
    for (const { monitor } of monitors) expect(monitor.sessions).toBe(0);
    const guard = new PlainGuard({ mode: 'propagate' });
    guard.labelResource = async () => ({
      resource: { description: 'test', secrecy: [`tag ${tag++}`], integrity: [] },
      operation: 'read',
    });
    const both = [1, 2].map(() => monitorWith(guard, { store, limits: { send: 10 } }));
    const calls = Array.from({ length: 24 }, (_, number) => {
      const { monitor, call } = both[number % 2] as (typeof both)[number];
      return monitor.guarded(call('read'), async () => answer(number));
    });
    await Promise.all(calls);
    const denied = both[0]?.monitor.guarded(both[0].call('post', { server: 'web' }), async () => answer('sent'));
    await expect(denied).rejects.toMatchObject({ facts: { violation: { secrecy: { length: 24 } } } });
    const sends = Array.from({ length: 24 }, (_, number) => {
      const { monitor, call } = both[number % 2] as (typeof both)[number];
      return monitor.guarded(call('send', { server: 'web', session: 'new' }), async () => answer(number));
    });
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  test('are looked at before anything is decided, also where a grant that one of them remembers has gone with the others', async () => {
    const store = newStore();
    const guard = new PlainGuard({ agent: PRIVATE, operation: 'write', resource: PRIVATE });
    const [one, two] = [1, 2].map(() => monitorWith(guard, { store }));
    const own = { session: null };
    await one?.monitor.guarded(one.call('send', own), async () => answer('sent'));
    expect(await two?.monitor.reset('ann')).toBe(true);
    guard.answers = { ...guard.answers, resource: EMPTY };
    const leak = one?.monitor.guarded(one.call('send', own), async () => answer('sent'));
    await expect(leak).rejects.toThrow(/carries secrecy.*private/);
    expect(guard.asked.agent).toBe(2);
  });

  test('go with the session, also where another monitor wrote them', async () => {
    const { store, monitors } = shared();
    const [one, two] = monitors;
    await one?.monitor.guarded(one.call('read'), async () => answer('secret'));
    await one?.monitor.guarded(one.call('send', { session: 'one' }), async () => answer('secret'));
    const keys = ['labels:["ann","one"]', 'quota:["ann","one"]'];
    for (const key of keys) expect(await store.get(key), key).toBeDefined();
    await two?.monitor.evict({ principal: 'ann', session: 'one' });
    for (const key of keys) expect(await store.get(key), key).toBeUndefined();
  });
});

test('a session that ends while its call runs leaves no record behind', async () => {
  const store = newStore();
  const { monitor, call } = monitorWith(new PlainGuard({ mode: 'propagate', resource: PRIVATE }), { store });
  const inside = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const read = monitor.guarded(call('read'), async () => {
    inside.resolve();
    await held.promise;
    return answer('secret');
  });
  await inside.promise;
  const evicted = monitor.evict({ principal: 'ann', session: 'one' });
  held.resolve();
  await expect(read).resolves.toEqual(answer('secret'));
  await evicted;
  expect(await store.get('labels:["ann","one"]')).toBeUndefined();
  expect(monitor.sessions).toBe(0);
});

test('a write that looks at labels while a read is completed looks again', async () => {
  const reading = Promise.withResolvers<void>();
  const hold: { get?: Promise<void>; seen?: () => void } = {};
  const inner = newStore();
  const store: StateStore = {
    ...wrapped(inner, async () => {}),
    get: async (key) => {
      const found = await inner.get(key); // what is found is old by the time it is told
      hold.seen?.();
      await hold.get;
      return found;
    },
  };
  const { monitor, call } = monitorWith(new PlainGuard({ mode: 'propagate', resource: PRIVATE }), { store });
  const read = monitor.guarded(call('read'), async () => {
    await reading.promise;
    return answer('secret');
  });
  const slow = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  await new Promise(setImmediate); // the read is with its backend
  hold.get = slow.promise;
  hold.seen = looked.resolve;
  let called = false;
  const write = monitor.guarded(call('post', { server: 'web' }), async () => {
    called = true;
    return answer('sent');
  });
  await looked.promise;
  delete hold.get;
  reading.resolve();
  await read;
  slow.resolve();
  await expect(write).rejects.toThrow(/carries secrecy.*private/);
  expect(called).toBe(false);
});

test('a call that is denied takes nothing off its limit, and calls without one ask nothing of the counts', async () => {
  const { store, asked } = fickleStore();
  const guard = new PlainGuard({ agent: PRIVATE, operation: 'write' });
  const { monitor, call } = monitorWith(guard, { store, limits: { send: 1 } });
  await expect(monitor.guarded(call('send'), async () => answer('sent'))).rejects.toThrow(/as a write/);
  guard.answers = { operation: 'write', resource: PRIVATE };
  await expect(monitor.guarded(call('send'), async () => answer('sent'))).resolves.toEqual(answer('sent'));
  asked.length = 0;
  await monitor.guarded(call('free'), async () => answer('done'));
  // The labels of the session and of its principal together: for the check, and for the answer.
  expect(asked).toEqual(['get', 'get']);
});

test('whoever asks what goes with a call is told of what was read until it is sent, and of nothing with a read', async () => {
  const guard = new PlainGuard({ mode: 'propagate', resource: PRIVATE });
  let read: (() => Promise<unknown>) | undefined;
  const store = wrapped(newStore(), async (_operation, key) => {
    const work = key.startsWith('quota:') ? read : undefined;
    read = key.startsWith('quota:') ? undefined : read;
    await work?.();
  });
  const { monitor, call } = monitorWith(guard, { store, limits: { send: 9 } });
  const told: (readonly string[])[] = [];
  const onSend = (leaving: ReadonlySet<string>): void => void told.push([...leaving]);
  read = () => {
    guard.answers = { mode: 'propagate', operation: 'read', resource: PRIVATE };
    return monitor.guarded({ ...call('list'), onSend }, async () => answer([]));
  };
  guard.answers = { mode: 'propagate', operation: 'write', resource: PRIVATE };
  await monitor.guarded({ ...call('send'), onSend }, async () => answer('sent'));
  expect(told).toEqual([[], [], [], PRIVATE.secrecy]);
});

test('an answer for a policy that was replaced meanwhile grants nothing', async () => {
  const guard = new PlainGuard();
  const first = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let asks = 0;
  guard.labelAgent = async () => {
    if (asks++ > 0) return { agent: PRIVATE, difcMode: 'strict' };
    asked.resolve();
    await first.promise;
    return { agent: EMPTY, difcMode: 'strict' };
  };
  const { monitor, call, policy, decisions } = monitorWith(guard);
  const old = monitor.guarded(call('list'), async () => answer('old'));
  await asked.promise;
  policy.hash = 'second';
  await monitor.guarded(call('list'), async () => answer('new'));
  first.resolve();
  await old;
  expect(decisions.at(-1)?.agentAfter).toEqual(PRIVATE);
});
