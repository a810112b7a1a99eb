import { expect, test } from 'vitest';
import { joinStatuses } from '../src/gateway-processes.ts';

const status = (state: string, upstream: string, sessions: number, failure?: string) => ({
  state,
  upstreams: [{ name: 'a', kind: 'mcp', state: upstream, restarts: 1, reason: upstream }],
  guards: [{ server: 'a', guard: 'g', failure }],
  sessions,
  running: 1,
});

test('all processes together run while one does, are as well as the worst of those, and have the sessions of all', () => {
  const all = [
    status('closing', 'closed', 1),
    status('running', 'running', 2),
    status('running', 'restarting', 4, 'gone'),
  ];
  expect(joinStatuses(all as never)).toEqual({
    state: 'running',
    upstreams: [{ name: 'a', kind: 'mcp', state: 'restarting', restarts: 2, reason: 'restarting' }],
    guards: [{ server: 'a', guard: 'g', failure: 'gone' }],
    sessions: 7,
    running: 3,
  });
  expect(joinStatuses([all[0]] as never).state).toBe('closing');
});
