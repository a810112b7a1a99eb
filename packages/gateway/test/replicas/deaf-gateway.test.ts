import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { echo, two } from './two-gateways.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

const asked = Buffer.from('asked');

describe('a gateway that hears nothing of the others, though the store is there', () => {
  test('ends what waits for an answer after eight seconds, and does not say that nothing was done', async () => {
    const it = await two(
      () => undefined,
      ({ kind }) => kind === 'unknown',
    );
    const { problems, outcome } = it.pass(asked);
    await it.beat();
    it.deaf.since = performance.now();
    for (let beats = 0; beats < 4; beats += 1) await it.beat();
    expect(problems).toEqual([]);
    await it.beat();
    expect([problems, await outcome]).toEqual([['holder is not heard'], 'passed']);
  });

  test('passes nothing more after two, and passes again as soon as it hears', async () => {
    let served = 0;
    const it = await two((passed) => {
      served += 1;
      void echo(passed);
    });
    it.deaf.since = performance.now() - 1_000;
    expect(await it.pass(asked).outcome).toBe('passed');
    it.deaf.since = performance.now() - 3_000;
    const refused = it.pass(asked);
    expect([await refused.outcome, refused.problems, served]).toEqual(['passed', ['hears nothing'], 1]);
    it.deaf.since = undefined;
    expect(await it.pass(asked).outcome).toBe('passed');
    expect(served).toBe(2);
  });

  test('is cut off while another one hears, and only then: where none does, none is better than this one', async () => {
    let othersHear = false;
    const it = await two(
      () => undefined,
      ({ kind }) => kind === 'deaf' && !othersHear,
    );
    await it.beat();
    it.deaf.since = performance.now();
    for (let beats = 0; beats < 6; beats += 1) await it.beat();
    expect(it.one.isCutOff).toBe(false);
    othersHear = true;
    await it.beat();
    await it.beat();
    expect([it.one.isCutOff, it.other.isCutOff]).toEqual([true, false]);
    othersHear = false;
    for (let beats = 0; beats < 6; beats += 1) await it.beat();
    expect(it.one.isCutOff).toBe(false);
    othersHear = true;
    await it.beat();
    await it.beat();
    it.deaf.since = undefined;
    expect(it.one.isCutOff).toBe(false);
  });

  test('is not said to hear again while it only reads what it may have missed', async () => {
    const it = await two(() => undefined);
    const said: string[] = [];
    it.other.on('hears', ({ from }) => void said.push(from));
    it.deaf.since = performance.now();
    it.oneRenews();
    await new Promise(setImmediate);
    expect(said).toEqual([]);
    it.deaf.since = undefined;
    it.oneRenews();
    await new Promise(setImmediate);
    expect(said).toEqual([it.one.name]);
  });
});
