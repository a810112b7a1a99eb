import { Gate } from '@lockgate/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from '../../src/call/breaker.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';

class Fault extends Error {}
class Loss extends Fault {}

function breakerAt(clock: { now: number }, failures = 3): Breaker {
  const isFault = (error: unknown): boolean => error instanceof Fault;
  const isLoss = (error: unknown): boolean => error instanceof Loss;
  return new Breaker({ server: 's', failures, coolDownMs: 1_000, now: () => clock.now, isFault, isLoss });
}

const live = new Cancellation();

function cancelled(): Cancellation {
  const cancellation = new Cancellation();
  cancellation.cancel(new Error('no longer wanted'));
  return cancellation;
}

const fail = (breaker: Breaker, error: Error = new Fault()) =>
  breaker.run(() => Promise.reject(error), live).catch((e) => e);
const succeed = (breaker: Breaker) => breaker.run(async () => 'ok', live).catch((e) => e.code);

test('opens after so many faults in a row, and not before', async () => {
  const breaker = breakerAt({ now: 0 });
  await fail(breaker);
  await fail(breaker);
  expect(await succeed(breaker)).toBe('ok');
  for (let i = 0; i < 3; i++) await fail(breaker);
  expect(breaker.state).toBe('open');
  expect(await succeed(breaker)).toBe('GATEWAY_BREAKER_OPEN');
});

test('calls that end with one connection are one failure, and its ends in a row open it all the same', async () => {
  const breaker = breakerAt({ now: 0 });
  const together = async (): Promise<void> => {
    const lost = Promise.withResolvers<never>();
    const calls = Array.from({ length: 10 }, () => breaker.run(() => lost.promise, live).catch(() => {}));
    lost.reject(new Loss());
    await Promise.all(calls);
  };
  await together();
  await together();
  expect(breaker.state).toBe('closed');
  await together();
  expect(breaker.state).toBe('open');
});

test('says in whole milliseconds how long calls are refused', async () => {
  const clock = { now: 0.125 };
  const breaker = breakerAt(clock);
  for (let i = 0; i < 3; i++) await fail(breaker);
  clock.now = 0.5;
  expect(await breaker.run(async () => 'ok', live).catch((e) => e.message)).toContain(
    'calls are refused for 1000 ms more',
  );
});

test('an answer that is an error is an answer', async () => {
  const breaker = breakerAt({ now: 0 });
  await fail(breaker);
  await fail(breaker);
  await fail(breaker, new Error('no such file'));
  await fail(breaker);
  expect(breaker.state).toBe('closed');
});

test('lets exactly one of many through when it has cooled down, and closes on its success', async () => {
  const clock = { now: 0 };
  const breaker = breakerAt(clock);
  for (let i = 0; i < 3; i++) await fail(breaker);
  clock.now = 1_000;
  const gate = new Gate();
  let entered = 0;
  const calls = Array.from({ length: 10 }, () =>
    breaker
      .run(async () => {
        entered++;
        await gate.pass();
        return 'ok';
      }, live)
      .catch((error) => error.code),
  );
  await gate.reached;
  expect(breaker.state).toBe('half-open');
  gate.open();
  expect((await Promise.all(calls)).filter((outcome) => outcome === 'ok')).toHaveLength(1);
  expect(entered).toBe(1);
  expect(breaker.state).toBe('closed');
});

test.each([
  ['fails', (breaker: Breaker) => fail(breaker), 'open'],
  ['is answered with an error', (breaker: Breaker) => fail(breaker, new Error('x')), 'closed'],
  [
    'is cancelled',
    (breaker: Breaker) => breaker.run(() => Promise.reject(new Error('gone')), cancelled()).catch(() => {}),
    'half-open',
  ],
])('a probe that %s is released', async (_how, probe, state) => {
  const clock = { now: 0 };
  const breaker = breakerAt(clock);
  for (let i = 0; i < 3; i++) await fail(breaker);
  clock.now = 1_000;
  await probe(breaker);
  expect(breaker.state).toBe(state);
  clock.now = 5_000;
  expect(await succeed(breaker)).toBe('ok');
});

test('whatever happens, it never refuses for longer than the cool-down', async () => {
  const step = fc.constantFrom('fault', 'answer', 'success', 'cancel', 'wait');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = { now: 0 };
      const breaker = breakerAt(clock, 2);
      for (const what of steps) {
        if (what === 'wait') clock.now += 400;
        else if (what === 'success') await succeed(breaker);
        else if (what === 'cancel') await breaker.run(() => Promise.reject(new Fault()), cancelled()).catch(() => {});
        else await fail(breaker, what === 'fault' ? new Fault() : new Error('answer'));
      }
      clock.now += 1_000;
      expect(await succeed(breaker)).toBe('ok');
    }),
  );
});
