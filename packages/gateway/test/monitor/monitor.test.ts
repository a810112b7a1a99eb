import { CallRefusedError, type ResponseLabelling } from '@lockgate/abi';
import { describe, expect, test } from 'vitest';
import { DeadlineError } from '../../src/errors.ts';
import { FlowDeniedError, GuardFailedError } from '../../src/monitor/denial.ts';
import { AcceptedTags } from '../../src/monitor/label.ts';
import { answer, EMPTY, monitorWith, PlainGuard, PRIVATE } from './plain-guard.ts';

const list: ResponseLabelling = {
  kind: 'paths',
  itemsPath: '',
  labeledPaths: [
    { path: '/0', labels: EMPTY },
    { path: '/1', labels: PRIVATE },
  ],
};

describe('modes', () => {
  test('strict denies the whole answer if one item violates', async () => {
    const { monitor, call, decisions } = monitorWith(new PlainGuard({ response: list }));
    const denied = monitor.guarded(call('list'), async () => answer(['open', 'hidden']));
    await expect(denied).rejects.toThrow(FlowDeniedError);
    await expect(denied).rejects.toThrow(/answered with a part.*lacks secrecy: private/);
    expect(decisions).toMatchObject([{ verdict: 'denied', deniedBy: 'labels' }]);
  });

  test('filter gives the rest and says how much was withheld', async () => {
    const { monitor, call, decisions } = monitorWith(new PlainGuard({ mode: 'filter', response: list }));
    const result = await monitor.guarded(call('list'), async () => answer(['open', 'hidden']));
    expect(result.content.map(({ text }) => text)).toEqual([
      '["open"]',
      "[Filtered] 1 of 2 parts of this answer were withheld by the gateway's policy.",
    ]);
    expect(decisions).toMatchObject([{ verdict: 'filtered', withheld: 1, total: 2, mode: 'filter' }]);
  });

  test('propagate gives everything and the agent carries it from then on', async () => {
    const { monitor, call, decisions } = monitorWith(new PlainGuard({ mode: 'propagate', response: list }));
    const given = await monitor.guarded(call('list'), async () => answer(['open', 'hidden']));
    expect(given).toEqual(answer(['open', 'hidden']));
    expect(decisions[0]).toMatchObject({ agent: EMPTY, agentAfter: PRIVATE });
    const out = monitor.guarded(call('post', { server: 'web' }), async () => answer('sent'));
    await expect(out).rejects.toThrow(/carries secrecy.*private/);
  });

  test('strict and filter never change the agent', async () => {
    const guard = new PlainGuard({ mode: 'filter', response: list });
    const { monitor, call, decisions } = monitorWith(guard);
    await monitor.guarded(call('list'), async () => answer(['open', 'hidden']));
    await monitor.guarded(call('get', { server: 'web' }), async () => answer('page'));
    expect(decisions.map(({ agentAfter }) => agentAfter)).toEqual([EMPTY, EMPTY]);
  });

  test('the gateway’s mode holds where no guard says otherwise', async () => {
    const guard = new PlainGuard({ agent: PRIVATE });
    const { monitor, call, decisions } = monitorWith(guard, { mode: 'propagate' });
    await monitor.guarded(call('page', { server: 'web' }), async () => answer('page'));
    await monitor.guarded(call('list'), async () => answer([]));
    expect(decisions.map(({ mode }) => mode)).toEqual(['propagate', 'strict']);
  });
});

describe('phases', () => {
  test('a violating write is denied before the backend is called, in every mode', async () => {
    for (const mode of ['strict', 'filter', 'propagate'] as const) {
      const { monitor, call } = monitorWith(new PlainGuard({ mode, agent: PRIVATE, operation: 'write' }));
      let called = false;
      const denied = monitor.guarded(call('send'), async () => {
        called = true;
        return answer('sent');
      });
      await expect(denied).rejects.toThrow(/may not be called as a write/);
      expect(called).toBe(false);
    }
  });

  test('a read that fails the coarse check goes on, and its finer labels decide', async () => {
    const { monitor, call } = monitorWith(
      new PlainGuard({ resource: PRIVATE, response: { ...list, labeledPaths: [{ path: '/0', labels: EMPTY }] } }),
    );
    await expect(monitor.guarded(call('list'), async () => answer(['open']))).resolves.toEqual(answer(['open']));
  });

  test('a read that fails the coarse check and gets no labels is withheld', async () => {
    for (const mode of ['strict', 'filter'] as const) {
      const { monitor, call } = monitorWith(new PlainGuard({ mode, resource: PRIVATE }));
      await expect(monitor.guarded(call('list'), async () => answer(['any']))).rejects.toThrow(FlowDeniedError);
    }
  });

  test('the answer of a write is not labelled, that of everything else is', async () => {
    const asked = async (operation: 'write' | 'read-write', mode: 'strict' | 'filter') => {
      const guard = new PlainGuard({ operation, mode });
      const { monitor, call } = monitorWith(guard);
      await monitor.guarded(call('do'), async () => answer('done'));
      return guard.asked.response;
    };
    expect(
      await Promise.all([asked('write', 'filter'), asked('read-write', 'strict'), asked('read-write', 'filter')]),
    ).toEqual([0, 1, 1]);
  });

  test('the agent is labelled once per session and policy, also by calls that come together', async () => {
    const guard = new PlainGuard();
    const { monitor, call, policy } = monitorWith(guard);
    const one = () => monitor.guarded(call('list'), async () => answer([]));
    await Promise.all([one(), one(), one()]);
    expect(guard.asked.agent).toBe(1);
    policy.hash = 'second';
    await one();
    expect(guard.asked.agent).toBe(2);
    await monitor.guarded(call('list', { session: 'two' }), async () => answer([]));
    expect(guard.asked.agent).toBe(3);
  });

  test('two clients that share a key do not share labels, and labels go with their session', async () => {
    const { monitor, call } = monitorWith(new PlainGuard({ mode: 'propagate', resource: PRIVATE }));
    await monitor.guarded(call('read'), async () => answer('secret'));
    const post = (session: string) =>
      monitor.guarded(call('post', { server: 'web', session }), async () => answer('sent'));
    await expect(post('one')).rejects.toThrow(FlowDeniedError);
    await expect(post('two')).resolves.toEqual(answer('sent'));
    await monitor.evict({ principal: 'ann', session: 'one' });
    expect(monitor.sessions).toBe(1);
  });
});

test('a frame that may be about another call is dropped where the guard says nothing of it', async () => {
  const guard = new PlainGuard();
  const { monitor, call, decisions } = monitorWith(guard);
  const seen = await monitor.guarded(call('open'), async (frames) => {
    guard.labelResource = async () => Promise.reject(new Error('no answer'));
    const shared = await frames.mayRead('notifications/message', 'shared', []);
    return { ...answer(''), shared };
  });
  expect(seen).toMatchObject({ shared: false });
  expect(decisions[0]).toMatchObject({ tool: 'notifications/message', verdict: 'denied', deniedBy: 'guard' });
});

test('a frame that belongs to no call grants its agent nothing, and what the agent asks for does', async () => {
  const { monitor, call } = monitorWith(new PlainGuard({ agent: PRIVATE, resource: PRIVATE }));
  const channel = { direction: 'down', method: 'notifications/message' } as const;
  const frame = { ...call('notifications/message'), channel, checks: 'read' } as const;
  await expect(monitor.frame(frame)).rejects.toThrow(/lacks secrecy: private/);
  await monitor.guarded(call('post', { server: 'web' }), async () => answer('sent'));
  await monitor.frame({ ...frame, isAsked: true, checks: 'read-write' });
  await expect(monitor.guarded(call('post', { server: 'web' }), async () => answer('sent'))).rejects.toThrow(
    FlowDeniedError,
  );
  await monitor.frame(frame);
});

describe('a guard that fails', () => {
  const fails = async () => Promise.reject(new Error('trapped.'));
  test.each(['labelAgent', 'labelResource', 'labelResponse'] as const)(
    'in %s denies the call and is named',
    async (method) => {
      const guard = Object.assign(new PlainGuard(), { [method]: fails });
      const { monitor, call, decisions } = monitorWith(guard);
      const denied = monitor.guarded(call('list'), async () => answer('contents'));
      await expect(denied).rejects.toThrow(GuardFailedError);
      await expect(denied).rejects.toThrow(/guard "labels" of "files" failed in label_\w+: trapped\./);
      expect(decisions).toMatchObject([{ verdict: 'denied' }]);
    },
  );

  test('to label a call in words denies the call with its words, and has not failed', async () => {
    const labelResource = () => Promise.reject(new CallRefusedError('labels knows no path "."; give another.'));
    const { monitor, call, decisions } = monitorWith(Object.assign(new PlainGuard(), { labelResource }));
    const words = 'Denied: guard "labels" of "files" cannot label this: labels knows no path "."; give another.';
    await expect(monitor.guarded(call('list'), async () => answer('contents'))).rejects.toMatchObject({
      code: 'GATEWAY_GUARD_FAILED',
      message: words,
    });
    const channel = { direction: 'down', method: 'notifications/resources/updated' } as const;
    await expect(monitor.frame({ ...call('resources/read'), channel, checks: 'read' })).rejects.toThrow(
      'cannot label this: it gave no reason.',
    );
    expect(decisions).toMatchObject([{ verdict: 'denied', deniedBy: 'guard', reason: words }, { verdict: 'denied' }]);
  });

  test('by being absent denies the call, and serves again when it is back', async () => {
    const guard = new PlainGuard();
    let present = false;
    const rule = {
      kind: 'guard' as const,
      guardName: 'labels',
      guard: async () => (present ? guard : Promise.reject(new Error('it is not loaded.'))),
      policy: {},
      policyHash: '',
    };
    const { monitor, call } = monitorWith(guard, { ruleOf: () => ({ rule, mode: 'strict', toolCallLimits: {} }) });
    await expect(monitor.guarded(call('list'), async () => answer(1))).rejects.toThrow(/failed in loading/);
    present = true;
    await expect(monitor.guarded(call('list'), async () => answer(1))).resolves.toEqual(answer(1));
  });

  test('with labels that do not fit the answer denies the call', async () => {
    const guard = new PlainGuard({
      mode: 'propagate',
      response: { kind: 'paths', itemsPath: '/nowhere', labeledPaths: [] },
    });
    const { monitor, call } = monitorWith(guard);
    await expect(monitor.guarded(call('list'), async () => answer([]))).rejects.toThrow(GuardFailedError);
  });

  test('is asked again by the next call: a failed labelling of the agent is not kept', async () => {
    const guard = new PlainGuard();
    const labelAgent = guard.labelAgent.bind(guard);
    guard.labelAgent = fails;
    const { monitor, call } = monitorWith(guard);
    await expect(monitor.guarded(call('list'), async () => answer(1))).rejects.toThrow(GuardFailedError);
    guard.labelAgent = labelAgent;
    await expect(monitor.guarded(call('list'), async () => answer(1))).resolves.toEqual(answer(1));
  });
});

test('a client’s cancel while the guard works ends the call, and the guard’s answer serves the others', async () => {
  const guard = new PlainGuard();
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const labelAgent = guard.labelAgent.bind(guard);
  guard.labelAgent = async () => {
    asked.resolve();
    await held.promise;
    return labelAgent();
  };
  const { monitor, call } = monitorWith(guard);
  const abort = new AbortController();
  const first = monitor.guarded(call('list', { signal: abort.signal }), async () => answer(1));
  const second = monitor.guarded(call('list'), async () => answer(2));
  await asked.promise;
  abort.abort(new Error('cancelled by the client'));
  await expect(first).rejects.toThrow('cancelled by the client');
  held.resolve();
  await expect(second).resolves.toEqual(answer(2));
  expect(guard.asked.agent).toBe(1);
});

describe('policies that need no guard', () => {
  const sink = (accept: string[]) => () => ({
    rule: { kind: 'sink' as const, accept: new AcceptedTags(accept) },
    mode: 'strict' as const,
    toolCallLimits: {},
  });

  test('an open server refuses an agent that carries secrecy, and one that demands integrity', async () => {
    for (const agent of [PRIVATE, { secrecy: [], integrity: ['reviewed'] }]) {
      const { monitor, call } = monitorWith(new PlainGuard({ agent, resource: agent }));
      await monitor.guarded(call('read'), async () => answer('x'));
      await expect(monitor.guarded(call('get', { server: 'web' }), async () => answer('x'))).rejects.toThrow(
        FlowDeniedError,
      );
    }
  });

  test('every call of a sink is a write of what it accepts, and its answer may hold all of that', async () => {
    const open = monitorWith(new PlainGuard(), { ruleOf: sink([]) });
    await expect(open.monitor.guarded(open.call('post'), async () => answer('ok'))).resolves.toEqual(answer('ok'));
    const { monitor, call } = monitorWith(new PlainGuard(), { ruleOf: sink(['private']) });
    const posted = monitor.guarded(call('post'), async () => answer('ok'));
    await expect(posted).rejects.toThrow(/withheld; the agent lacks secrecy: private\. The call was carried out/);
  });

  test('calls beyond a tool’s limit are refused before the backend is called, per session', async () => {
    const { monitor, call, decisions } = monitorWith(new PlainGuard(), { limits: { send: 2, free: 0 } });
    let calls = 0;
    const send = (session: string, tool = 'send') =>
      monitor.guarded(call(tool, { session }), async () => answer(++calls));
    await Promise.all([send('one'), send('one')]);
    await expect(send('one')).rejects.toThrow(/may call "send" of "files" 2 times/);
    expect(decisions.at(-1)).toMatchObject({ verdict: 'denied', deniedBy: 'limit' });
    await send('two');
    await Promise.all([send('one', 'free'), send('one', 'free'), send('one', 'toString')]);
    expect(calls).toBe(6);
  });
});

test.each([
  ['the gateway', new DeadlineError({ server: 'files', method: 'tools/call', timeoutMs: 1 })],
  ['the server', new Error('its own')],
])('a failure of the backend, told by %s, is no denial: nothing was withheld', async (_who, failure) => {
  const { monitor, call, decisions } = monitorWith(new PlainGuard());
  await expect(monitor.guarded(call('list'), () => Promise.reject(failure))).rejects.toBe(failure);
  expect(decisions).toMatchObject([{ verdict: 'allowed' }]);
  expect(decisions[0]).not.toHaveProperty('reason');
});

test('a decision tells labels and counts and never arguments or contents', async () => {
  const { monitor, call, decisions } = monitorWith(new PlainGuard({ mode: 'filter', response: list }));
  const request = { ...call('list'), args: { path: 'ARGUMENT' } };
  await monitor.guarded(request, async () => answer(['CONTENTS', 'hidden']));
  expect(JSON.stringify(decisions)).not.toMatch(/ARGUMENT|CONTENTS|hidden/);
  expect(Object.keys(decisions[0]?.phaseMs ?? {})).toEqual([
    'loading',
    'label_agent',
    'label_resource',
    'backend',
    'label_response',
  ]);
});
