import { expect, test, vi } from 'vitest';
import type { Call, Overview, Tick, UpstreamSummary } from '../../src/console/api.ts';
import { joinConnections } from '../../src/processes/join-connections.ts';
import { joinOverviews } from '../../src/processes/join-overviews.ts';
import { JoinedTicks } from '../../src/processes/joined-ticks.ts';
import { KeptCounts } from '../../src/processes/kept-counts.ts';
import { LOOKED_AT, SeenCalls } from '../../src/processes/seen-calls.ts';

const tick = (calls: number, more: Partial<Tick> = {}): Tick => ({
  ...{ time: 1, calls, errors: 0, withheld: 0, denied: 0, p50Ms: null, p99Ms: null },
  ...{ running: 0, sessions: 0, rssBytes: 0, heapBytes: 0 },
  ...more,
});

test('a second of all adds up what each has counted, and what each has now, however their seconds lie', () => {
  vi.useFakeTimers();
  const ticks = new JoinedTicks(() => 5);
  ticks.take();
  expect(ticks.ring.last).toBe(0);
  ticks.add(1, tick(3, { sessions: 2, p99Ms: 4 }));
  ticks.add(1, tick(4, { sessions: 3, p99Ms: 2 }));
  ticks.add(2, tick(10, { sessions: 1 }));
  ticks.take();
  ticks.add(1, tick(1, { sessions: 3 }));
  ticks.take();
  expect([...ticks.ring.oldest()]).toMatchObject([
    { time: 5, calls: 17, sessions: 4, p50Ms: null, p99Ms: 4 },
    // The second process has told of none in it, and has its session still.
    { calls: 1, sessions: 4, p99Ms: null },
  ]);
  for (let more = 0; more < 3; more += 1) {
    ticks.add(1, tick(0));
    ticks.take();
  }
  expect(ticks.ring.at(ticks.ring.last)).toMatchObject({ sessions: 0 });
  ticks.close();
  vi.useRealTimers();
});

const call = (id: string, startedAt = 0): Call => ({
  ...{ id, startedAt, isRunning: false, principal: 'p', method: 'tools/call', durationMs: 1 },
});
const look = (number: number, calls: readonly Call[]) => ({ number, value: { calls, hasLog: false } });

test('calls that end while somebody looks are told once, in the order of their ends; what may be missing makes a gap', () => {
  const seen = new SeenCalls();
  const told = (): unknown[] =>
    Array.from({ length: Math.max(0, seen.last - seen.first + 1) }, (_, at) => seen.at(seen.first + at)?.id);
  seen.look([look(1, [call('a.1')])]);
  expect(told()).toEqual([]);
  seen.look([look(1, [call('a.2', 9), call('a.1')]), look(2, [])]);
  seen.look([look(1, [call('a.2', 9), call('a.1')]), look(2, [call('b.2', 11), call('b.1', 10)])]);
  expect(told()).toEqual(['a.2', 'b.1', 'b.2']);
  const many = Array.from({ length: LOOKED_AT }, (_, at) => call(`a.${100 + at}`, 20));
  const before = seen.last;
  seen.look([look(1, many)]);
  expect(seen.first).toBeGreaterThan(before + 1);
  const last = seen.last;
  seen.rest();
  expect([seen.first > last + 1, told()]).toEqual([true, []]);
});

test('an overview says where it is so that a server is down, and adds up what each has', () => {
  const server = (state: UpstreamSummary['state'], reason?: string): UpstreamSummary => ({
    ...{ name: 's', kind: 'server', state, restarts: 1, tools: 2, transport: 'stdio', actions: [] },
    ...(reason !== undefined && { reason }),
  });
  const of = (upstream: UpstreamSummary, attention: Overview['attention']): Overview => ({
    ...{ state: 'running', version: '1', nodeVersion: '1', pid: 1, startedAt: 1, uptimeMs: 1, sessions: 2, running: 1 },
    ...{
      totals: { calls: 5, errors: 1, withheld: 0, denied: 0 },
      upstreams: [upstream],
      guards: [],
      attention,
      ticks: [],
    },
  });
  const down = { severity: 'error', subject: 's', message: 'It is down: x', remedy: 'r' } as const;
  const both = { ...down, message: 'both' };
  const own = { ...of(server('running'), []), pid: 7, version: '0' };
  const joined = joinOverviews(
    [
      { number: 1, value: of(server('running'), [both]) },
      { number: 2, value: of(server('restarting', 'x'), [down, both]) },
    ],
    own,
  );
  expect(joined).toMatchObject({
    ...{ pid: 7, sessions: 4, running: 2, totals: { calls: 5, errors: 1 } },
    upstreams: [{ state: 'restarting', restarts: 2, reason: 'in process 2 of 2: x' }],
    attention: [
      { message: 'both' },
      { message: 'In process 2: It is down: x' },
      { subject: 'gateway', message: 'Processes are of version 1, and the one that keeps them is of 0' },
    ],
  });
});

test('what a process has counted stays when it ends, each call once, and another of its number begins at nothing', () => {
  const counts = new KeptCounts();
  const of = (calls: number) => ({ calls, errors: 1, withheld: 0, denied: 0 });
  const says = (number: number, calls: number) => ({ number, value: { totals: of(calls) } });
  counts.add(1, of(3));
  expect(counts.total([says(1, 4), says(2, 7)])).toEqual({ ...of(11), errors: 2 });
  counts.add(1, { ...of(2), errors: 0 });
  expect(counts.total([says(2, 7)]).calls).toBe(12);
  counts.end(1);
  expect(counts.total([says(2, 7)]).calls).toBe(12);
  counts.add(1, of(1));
  expect(counts.total([says(1, 1), says(2, 8)])).toEqual({ ...of(14), errors: 3 });
});

test('a login that one process alone has is shown with the process, and one that all have once', () => {
  const login = (state: 'connected' | 'needs login', server = 's') =>
    ({ server, holder: 'shared', of: 'all callers', state, isRenewable: true, isKept: false }) as const;
  const { connections } = joinConnections([
    { number: 1, value: { connections: [login('connected'), login('connected', 't')] } },
    { number: 2, value: { connections: [login('needs login'), login('connected', 't')] } },
  ]);
  expect(connections.map(({ server, state, of }) => [server, state, of])).toEqual([
    ['s', 'connected', 'all callers (process 1)'],
    ['s', 'needs login', 'all callers (process 2)'],
    ['t', 'connected', 'all callers'],
  ]);
});
