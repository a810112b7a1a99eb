import { expect, test } from 'vitest';
import type { CallFacts } from '../../src/monitor/call-monitor.ts';
import { GuardPhases } from '../../src/monitor/guard-phases.ts';
import type { MonitorOptions } from '../../src/monitor/monitor-options.ts';
import type { MonitorSession } from '../../src/monitor/session.ts';

test('a caller that has gone before its guard is there asks the guard for nothing', async () => {
  const left = new AbortController();
  let asked = 0;
  const rule = {
    kind: 'guard',
    guard: async () => {
      left.abort(new Error('the client has gone'));
      return {};
    },
  };
  const options = { ruleOf: () => ({ rule, mode: 'strict' }) } as unknown as MonitorOptions;
  // Nobody would hear of its failure.
  const session = { labelOnce: () => Promise.reject(new Error(`asked ${++asked}`)) } as unknown as MonitorSession;
  const facts = { server: 's', tool: 't', args: {}, agent: { principal: 'p' }, signal: left.signal } as CallFacts;
  await expect(new GuardPhases(facts, options, session).label()).rejects.toThrow('the client has gone');
  expect(asked).toBe(0);
});
