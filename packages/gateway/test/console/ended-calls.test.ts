import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WatchedCall } from '../../src/console/watched-call.ts';
import { WatchedCalls } from '../../src/console/watched-calls.ts';

const FACTS = { principal: 'ci', session: 'one', method: 'tools/call', target: 'files__read', requestBytes: 10 };

function opened() {
  const clock = { now: 0 };
  const now = (): number => clock.now;
  return { clock, calls: new WatchedCalls({ now, monotonicNow: now, decisionOf: () => undefined }) };
}

test('a call runs, and is then among the last thousand with all that is known of it', () => {
  const { clock, calls } = opened();
  const first = calls.begin(FACTS, 0);
  expect([...calls.running]).toMatchObject([{ number: 1, principal: 'ci', outcome: undefined }]);
  clock.now = 5;
  first?.routedTo('files');
  first?.end({ verdict: 'failed', reason: 'GATEWAY_DEADLINE', responseBytes: 20 }, 30);
  expect([...calls.running]).toEqual([]);
  expect(calls.ended.at(1)).toEqual({
    ...FACTS,
    number: 1,
    startedAt: 0,
    server: 'files',
    routeMs: 5,
    durationMs: 30,
    outcome: { verdict: 'failed', reason: 'GATEWAY_DEADLINE', responseBytes: 20 },
    decision: undefined,
  });
  expect(calls.totals).toEqual({ calls: 1, errors: 1, withheld: 0, denied: 0 });
  for (let number = 0; number < 1_000; number++)
    calls.begin({ principal: 'ci', method: 'tools/call' }, 0)?.end({ verdict: 'ok' }, 1);
  expect([calls.ended.first, calls.ended.last, calls.ended.at(1), calls.find(1)]).toEqual([
    2,
    1_001,
    undefined,
    undefined,
  ]);
  expect(calls.find(1_001)).toMatchObject({
    session: undefined,
    target: undefined,
    server: undefined,
    requestBytes: undefined,
  });
});

test('those that run are listed in the order in which they began, in whatever order they end', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 40 }), (choices) => {
      const { calls } = opened();
      const running: WatchedCall[] = [];
      for (const choice of choices) {
        const ends = running[choice];
        if (ends) {
          running.splice(choice, 1);
          ends.end({ verdict: 'ok' }, 1);
        } else running.push(calls.begin(FACTS, 0) as WatchedCall);
        expect([...calls.running]).toEqual(running);
      }
    }),
  );
});

test('lists and pings are not watched', () => {
  const { calls } = opened();
  for (const method of ['tools/list', 'ping', 'initialize'])
    expect(calls.begin({ ...FACTS, method }, 0)).toBeUndefined();
});

test('what a client writes into a name is kept up to a length', () => {
  const { calls } = opened();
  calls.begin({ ...FACTS, target: 'n'.repeat(1_000_000) }, 0)?.end({ verdict: 'ok' }, 1);
  expect(calls.ended.at(1)?.target).toBe(`${'n'.repeat(256)}…`);
});
