import { describe, expect, test } from 'vitest';
import type { Rule } from '../../src/monitor/rule.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { wrapped } from '../state/wrapped-store.ts';
import { type Answers, answer, EMPTY, monitorWith, PlainGuard, PRIVATE } from './plain-guard.ts';

const OTHER = { secrecy: ['other'], integrity: [] };

/** A monitor, and a word for each thing that an agent does: `session` null is a request without one. */
function agents(answers: Answers, options: Parameters<typeof monitorWith>[1] = {}) {
  const guard = new PlainGuard(answers);
  const it = monitorWith(guard, options);
  const read = (session: string | null, principal = 'ann', server = 'files') =>
    it.monitor.guarded(it.call('read', { session, principal, server }), async () => answer('secret'));
  const post = (session: string | null, principal = 'ann', tool = 'post') =>
    it.monitor.guarded(it.call(tool, { session, principal, server: 'web' }), async () => answer('sent'));
  return { ...it, guard, read, post };
}

const DENIED = { code: 'GATEWAY_FLOW_DENIED' };

describe('what a principal reads without a session', () => {
  test('counts for its sessions, those that are open and those that begin later, and for nobody else', async () => {
    const { read, post } = agents({ mode: 'propagate', resource: PRIVATE });
    await post('open');
    await read(null);
    await expect(post(null)).rejects.toMatchObject(DENIED);
    await expect(post('open')).rejects.toMatchObject(DENIED);
    await expect(post('later')).rejects.toMatchObject(DENIED);
    await post(null, 'bob');
    await post('open', 'bob');
  });

  test('adds up with what the session has read itself', async () => {
    const { read, post, guard } = agents({ mode: 'propagate', resource: PRIVATE });
    await read(null);
    guard.answers = { ...guard.answers, resource: OTHER };
    await read('one');
    await expect(post('one')).rejects.toMatchObject({ facts: { violation: { secrecy: ['other', 'private'] } } });
    await expect(post('two')).rejects.toMatchObject({ facts: { violation: { secrecy: ['private'] } } });
  });

  test('takes integrity from its sessions too', async () => {
    const vouched = { secrecy: [], integrity: ['reviewed'] };
    const { read, post, monitor, call, guard } = agents({ agent: vouched, mode: 'propagate', resource: vouched });
    const send = () => monitor.guarded(call('send'), async () => answer('sent'));
    guard.answers = { ...guard.answers, operation: 'write' };
    await send();
    guard.answers = { ...guard.answers, operation: 'read', resource: EMPTY };
    await read(null);
    guard.answers = { ...guard.answers, operation: 'write', resource: vouched };
    await expect(send()).rejects.toThrow(/lacks integrity.*reviewed/);
    await post('one');
  });

  test('counts in a session that was granted nothing, where it was read by right of a grant', async () => {
    for (const mode of ['strict', 'filter'] as const) {
      const { read, post } = agents({ agent: PRIVATE, mode, resource: PRIVATE });
      await read(null);
      await expect(post('one')).rejects.toThrow(/carries secrecy.*private/);
    }
  });

  test('stays when nothing of it runs, and is given up by the operator alone', async () => {
    const { read, post, monitor } = agents({ mode: 'propagate', resource: PRIVATE }, { limits: { send: 1 } });
    await read(null);
    await post(null, 'bob', 'send');
    await expect(post(null, 'bob', 'send')).rejects.toThrow(
      /this caller.*without a session.*1 time.*have whoever runs the gateway reset/,
    );
    await monitor.evict({ principal: 'ann', session: 'one' });
    await expect(post('two')).rejects.toMatchObject(DENIED);
    expect(await monitor.reset('ann')).toBe(true);
    await post('two');
    await post(null);
    expect(await monitor.reset('bob')).toBe(true);
    await post(null, 'bob', 'send');
    expect(await monitor.reset('nobody')).toBe(false);
  });

  test('that the store has lost denies the sessions as well, advises no new one, and goes on after a reset', async () => {
    const store = createMemoryStore({ now: () => 0 });
    const { read, post, monitor } = agents({ mode: 'propagate', resource: PRIVATE }, { store });
    await read(null);
    await store.delete('labels:["ann"]');
    await expect(post('one')).rejects.toMatchObject({ code: 'GATEWAY_STATE', problem: { kind: 'lost' } });
    await expect(post('one')).rejects.toThrow(
      /is gone: the store has lost its records\. Whoever runs the gateway can reset/,
    );
    await monitor.reset('ann');
    await post('one');
  });

  test('is seen by a write of a session that looks at its labels while the read is completed', async () => {
    const inner = createMemoryStore({ now: () => 0 });
    const hold: { get?: Promise<void>; seen?: () => void } = {};
    const store = {
      ...wrapped(inner, async () => {}),
      get: async (key: string) => {
        const found = await inner.get(key); // what is found is old by the time it is told
        hold.seen?.();
        await hold.get;
        return found;
      },
    };
    const { read, monitor, call } = agents({ mode: 'propagate', resource: PRIVATE }, { store });
    const slow = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    hold.get = slow.promise;
    hold.seen = looked.resolve;
    let called = false;
    const write = monitor.guarded(call('post', { server: 'web' }), async () => {
      called = true;
      return answer('sent');
    });
    await looked.promise;
    hold.get = Promise.resolve();
    await monitor.evict({ principal: 'ann', session: 'another' });
    await read(null);
    slow.resolve();
    await expect(write).rejects.toMatchObject(DENIED);
    expect(called).toBe(false);
  });
});

describe('too many agents', () => {
  test('are refused what would need a record, while those that have one go on and forget nothing', async () => {
    const store = createMemoryStore({ now: () => 0, maxRecords: 2 });
    const { read, post } = agents({ mode: 'propagate', resource: PRIVATE }, { store });
    await read('one');
    await read(null, 'bob');
    const full = { code: 'GATEWAY_STATE', problem: { kind: 'full' } };
    await expect(read('two')).rejects.toMatchObject(full);
    await expect(read(null, 'carol')).rejects.toMatchObject(full);
    await read('one');
    await expect(post('one')).rejects.toMatchObject(DENIED);
    await expect(post('any', 'bob')).rejects.toMatchObject(DENIED);
    await post('two');
  });

  test('without a session take no room once nothing of them runs, unless they have read or counted something', async () => {
    const { read, post, monitor } = agents({ mode: 'propagate', resource: PRIVATE }, { limits: { send: 9 } });
    await Promise.all([post(null, 'a'), post(null, 'b'), post(null, 'b')]);
    expect(monitor.sessions).toBe(0);
    await Promise.all([read(null, 'a'), post(null, 'b', 'send')]);
    expect(monitor.sessions).toBe(2);
  });
});

describe('a changed policy', () => {
  /** "files" and "mail" behind the same guard, and a rule of "files" that can be changed. */
  function changing(answers: Answers) {
    const guard = new PlainGuard(answers);
    const ruleOf = (policyHash: string): Rule => ({
      kind: 'guard',
      guardName: 'labels',
      guard: async () => guard,
      policy: {},
      policyHash,
    });
    const rules: Record<string, Rule> = { files: ruleOf('first'), web: { kind: 'open' } };
    const it = monitorWith(guard, {
      ruleOf: (server) => ({ rule: rules[server] ?? ruleOf('of mail'), mode: 'strict', toolCallLimits: {} }),
    });
    const ask = (server: string) => it.monitor.guarded(it.call('read', { server }), async () => answer('secret'));
    const change = (rule: Rule | undefined, granted = EMPTY) => {
      guard.answers = { ...guard.answers, agent: granted };
      rules.files = rule ?? { kind: 'open' };
    };
    return { ask, change, ruleOf, rules, guard, ...it };
  }

  test('that grants less counts at once, before its server is called again, and so does a guard that was removed', async () => {
    for (const next of ['second', undefined]) {
      const { ask, change, ruleOf, guard } = changing({ agent: PRIVATE, resource: PRIVATE });
      guard.answers = { ...guard.answers };
      await ask('files');
      guard.answers = { ...guard.answers, agent: EMPTY };
      await ask('mail');
      change(next === undefined ? undefined : ruleOf(next));
      await expect(ask('mail')).rejects.toThrow(/lacks secrecy: private/);
      if (next !== undefined) await expect(ask('files')).rejects.toThrow(/lacks secrecy: private/);
    }
  });

  test('does not set free what was read before it, and holds nobody who read nothing', async () => {
    const read = changing({ agent: PRIVATE, resource: PRIVATE });
    await read.ask('files');
    read.change(read.ruleOf('second'));
    await expect(read.ask('web')).rejects.toThrow(/carries secrecy.*private/);
    const idle = changing({ agent: PRIVATE, resource: EMPTY });
    await expect(idle.ask('files')).resolves.toBeDefined();
    await expect(idle.ask('web')).rejects.toThrow(/carries secrecy.*private/);
    idle.change(idle.ruleOf('second'));
    await idle.ask('web');
  });

  test('keeps what was read in propagate mode', async () => {
    const { ask, change, ruleOf } = changing({ mode: 'propagate', resource: PRIVATE });
    await ask('files');
    change(ruleOf('second'));
    await expect(ask('web')).rejects.toThrow(/carries secrecy.*private/);
  });

  test('counts for a call that is with its backend: its answer is withheld', async () => {
    const { change, ruleOf, monitor, call } = changing({ agent: PRIVATE, resource: PRIVATE });
    const held = monitor.guarded(call('read'), async () => {
      change(ruleOf('second'));
      return answer('secret');
    });
    await expect(held).rejects.toThrow(/lacks secrecy: private/);
  });
});
