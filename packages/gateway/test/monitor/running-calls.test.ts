import { setImmediate as turn } from 'node:timers/promises';
import { Gate } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { FlowDeniedError } from '../../src/monitor/denial.ts';
import { answer, monitorWith, PlainGuard, PRIVATE } from './plain-guard.ts';

/** A server that works on a secret call of "ann" in this session, until the gate opens; what is called from now on is open. */
async function workingOnSecret(session = 'one') {
  const guard = new PlainGuard({ resource: PRIVATE, response: { kind: 'none' } });
  const { monitor, call } = monitorWith(guard);
  const gate = new Gate();
  const secret = monitor.guarded(call('secret', { session }), async () => {
    await gate.pass();
    return answer('x');
  });
  await gate.reached;
  guard.answers = {};
  const end = async (): Promise<void> => {
    gate.open();
    await expect(secret).rejects.toThrow(FlowDeniedError);
  };
  return { monitor, call, end };
}

const STRAY = { channel: { direction: 'down', method: 'notifications/message' }, checks: 'read' } as const;

test('what may be about any of the calls that a server works on is as secret as all of them', async () => {
  const { monitor, call, end } = await workingOnSecret();
  const seen = await monitor.guarded(call('open'), async (frames) => {
    const own = await frames.mayRead('notifications/message', 'own', []);
    const shared = await frames.mayRead('notifications/message', 'shared', frames.workedOn());
    return { ...answer(''), own, shared };
  });
  expect(seen).toMatchObject({ own: true, shared: false });
  const channel = { direction: 'down', method: 'notifications/message' } as const;
  const stray = { ...call('notifications/message', { session: 'two' }), channel, checks: 'read' } as const;
  await expect(monitor.frame(stray)).rejects.toThrow(FlowDeniedError);
  await end();
  await turn();
  await turn();
  const after = await monitor.guarded(call('open'), async (frames) => {
    return { ...answer(''), shared: await frames.mayRead('notifications/message', 'shared', frames.workedOn()) };
  });
  expect(after).toMatchObject({ shared: true });
  await monitor.frame(stray);
});

test('what a server asks and nobody can tell for which call is as secret as all that the agent has called there', async () => {
  const guard = new PlainGuard({ resource: PRIVATE, response: { kind: 'none' } });
  const { monitor, call } = monitorWith(guard);
  await expect(monitor.guarded(call('secret'), async () => answer('x'))).rejects.toThrow(FlowDeniedError);
  guard.answers = {};
  await turn();
  await turn();
  const open = (session: string) =>
    monitor.guarded(call('open', { session }), async (frames) => {
      const own = await frames.mayAsk('elicitation/create', 'own', []);
      const shared = await frames.mayAsk('elicitation/create', 'shared', frames.workedOn());
      return { ...answer(''), own, shared };
    });
  expect(await open('one')).toMatchObject({ own: true, shared: false });
  expect(await open('two')).toMatchObject({ own: true, shared: true });
  const channel = { direction: 'down', method: 'roots/list' } as const;
  const stray = { ...call('roots/list'), channel, checks: 'read' } as const;
  await expect(monitor.frame(stray)).rejects.toThrow(FlowDeniedError);
  await monitor.evict({ principal: 'ann', session: 'one' });
  expect(await open('one')).toMatchObject({ shared: true });
});

test('what a server asks and nobody can tell for which call is as secret as what it works on for others, too', async () => {
  const { monitor, call, end } = await workingOnSecret('two');
  const asked = await monitor.guarded(call('open'), async (frames) => {
    const own = await frames.mayAsk('elicitation/create', 'own', frames.workedOn());
    const shared = await frames.mayAsk('elicitation/create', 'shared', []);
    return { ...answer(''), own, shared };
  });
  expect(asked).toMatchObject({ own: true, shared: false });
  await end();
});

test('a call that has ended counts for two turns: what the server said before its answer may be read after it', async () => {
  const guard = new PlainGuard({ resource: PRIVATE, response: { kind: 'none' } });
  const { monitor, call } = monitorWith(guard);
  await expect(monitor.guarded(call('secret'), async () => answer('x'))).rejects.toThrow(FlowDeniedError);
  guard.answers = {};
  const stray = { ...call('notifications/message', { session: 'two' }), ...STRAY };
  await expect(monitor.frame(stray)).rejects.toThrow(FlowDeniedError);
  await turn();
  await turn();
  await monitor.frame(stray);
});

test('a frame that waits for its turn is about what its server worked on when it came', async () => {
  const { monitor, call, end } = await workingOnSecret();
  const about = monitor.workedOn('files');
  await end();
  await turn();
  await turn();
  const stray = { ...call('notifications/message', { session: 'two' }), ...STRAY };
  await expect(monitor.frame({ ...stray, about })).rejects.toThrow(FlowDeniedError);
  await monitor.frame(stray);
});
