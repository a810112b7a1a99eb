import { Gate } from '@lockgate/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { passedCounts } from '../../src/passed-counts.ts';
import type { PassedHere } from '../../src/replicas/passed-here.ts';
import { StateError } from '../../src/state/state-error.ts';
import { echo, open, two } from './two-gateways.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

describe('a request that one gateway passes to another', () => {
  test('arrives and is answered byte for byte, whatever its length', async () => {
    const it = await two((passed) => void echo(passed));
    let answered = passedCounts.get('answered') ?? 0;
    const lengths = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 262_000, max: 600_000 }));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), lengths, async (some, length) => {
        const body = Buffer.concat([Buffer.from(some), Buffer.alloc(length, 0xe9)]);
        const { response, outcome } = it.pass(body);
        expect(await outcome).toBe('passed');
        expect(passedCounts.get('answered')).toBe(++answered);
        if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
        expect(response.status).toBe(200);
        expect(Buffer.concat(response.taken).equals(body)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('is answered no faster than its client reads', async () => {
    const gate = new Gate();
    const answering = Promise.withResolvers<PassedHere>();
    const it = await two((passed) => answering.resolve(passed));
    const { response, outcome } = it.pass(Buffer.alloc(1), gate);
    const answer = await answering.promise;
    answer.response.writeHead(200);
    answer.response.end(Buffer.alloc(8 * 1_048_576, 0x61));
    await gate.reached;
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(answer.response.writableLength).toBeGreaterThan(0);
    gate.open();
    expect(await outcome).toBe('passed');
    await new Promise((resolve) => response.once('close', resolve));
    expect(Buffer.concat(response.taken).byteLength).toBe(8 * 1_048_576);
  });

  test('ends where its client goes, and where the gateway that passed it on says no more', async () => {
    const begun: PassedHere[] = [];
    let isDeaf = false;
    const it = await two(
      (passed) => void begun.push(passed),
      ({ kind }) => isDeaf && kind !== 'part',
    );
    const [gone, cut] = [it.pass(Buffer.alloc(1)), it.pass(Buffer.alloc(1))];
    await vi.waitUntil(() => begun.length === 2);
    const closed = begun.map(({ response }) => new Promise((resolve) => response.once('close', resolve)));
    gone.response.destroy();
    await closed[0];
    expect(begun[1]?.response.destroyed).toBe(false);
    isDeaf = true;
    for (let beat = 0; beat < 6; beat += 1) await it.beat();
    await closed[1];
    expect(cut.problems).toEqual([]);
  });

  test('is answered with a problem where its holder dies, and not passed to one that has', async () => {
    const begun = new Gate();
    const it = await two(
      () => void begun.pass(),
      ({ kind }) => kind === 'gone',
    );
    const before = new Map(passedCounts);
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    await begun.reached;
    await it.other.close();
    await it.beat();
    expect([await outcome, problems]).toEqual(['passed', ['holder has ended']]);
    expect(await it.pass(Buffer.from('again')).outcome).toBe('not taken');
    const counted = [...passedCounts].filter(([word, count]) => count > (before.get(word) ?? 0));
    expect(counted.map(([word]) => word)).toEqual(['not-taken', 'holder-ended']);
  });

  test('is known not to be heard by one that was killed, whose record is still there', async () => {
    const it = await two(
      (passed) => void echo(passed),
      undefined,
      undefined,
      ({ kind }) => kind === 'request',
    );
    const { outcome } = it.pass(Buffer.alloc(300_000));
    await it.beat();
    expect(await outcome).toBe('not heard');
  });

  test.each([
    ['is answered with a problem', 'passed', ['holder has ended'], undefined],
    ['is not repeated where it says so', 'passed', ['holder has ended'], async (): Promise<boolean> => false],
    [
      'is not repeated where that cannot be told',
      'passed',
      ['holder has ended'],
      (): Promise<boolean> => Promise.reject(new Error('?')),
    ],
    ['is not taken where it may be done again', 'not taken', [], async (): Promise<boolean> => true],
  ] as const)(
    '%s by the next beat but one where its holder was killed at work on it',
    async (_, outcome, said, isRepeatable) => {
      const begun = new Gate();
      const it = await two(
        () => void begun.pass(),
        undefined,
        undefined,
        ({ kind }) => kind === 'open',
      );
      const { problems, outcome: ended } = it.pass(Buffer.from('asked'), open(), 'POST', isRepeatable);
      await begun.reached;
      for (let beat = 0; beat < 2; beat += 1) await it.beat();
      expect([await ended, problems]).toEqual([outcome, said]);
    },
  );

  test('is answered where beats fall into moments in which its holder connects again', async () => {
    const begun = Promise.withResolvers<PassedHere>();
    const start = performance.now();
    const it = await two(
      (passed) => begun.resolve(passed),
      undefined,
      undefined,
      // The clock is the test's own.
      ({ kind }) => kind === 'open' && (performance.now() - start) % 2_000 < 150,
    );
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    const passed = await begun.promise;
    for (let beat = 0; beat < 4; beat += 1) await it.beat();
    await echo(passed);
    await it.beat();
    expect([await outcome, problems]).toEqual(['passed', []]);
  });

  test('is answered where its holder does not hear at one beat, and lives', async () => {
    const begun = Promise.withResolvers<PassedHere>();
    let isDeaf = false;
    const it = await two(
      (passed) => begun.resolve(passed),
      undefined,
      undefined,
      ({ kind }) => kind === 'open' && isDeaf,
    );
    const { response, problems, outcome } = it.pass(Buffer.from('asked'));
    const passed = await begun.promise;
    // Not heard, heard, not heard: never two in a row.
    for (let beat = 0; beat < 3; beat += 1) {
      isDeaf = !isDeaf;
      await it.beat();
    }
    await echo(passed);
    expect([await outcome, problems, Buffer.concat(response.taken).toString()]).toEqual(['passed', [], 'asked']);
  });

  test('is not taken by one that dies before it begins a stream, which does nothing', async () => {
    const begun = new Gate();
    const it = await two(
      () => void begun.pass(),
      ({ kind }) => kind === 'gone',
    );
    const { problems, outcome } = it.pass(Buffer.alloc(0), open(), 'GET');
    await begun.reached;
    await it.other.close();
    await it.beat();
    expect([await outcome, problems]).toEqual(['not taken', []]);
  });

  test('is answered with a problem where its holder closes and has begun it', async () => {
    const begun = new Gate();
    const it = await two(() => void begun.pass());
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    await begun.reached;
    it.here.close();
    await it.other.close();
    expect([await outcome, problems]).toEqual(['passed', ['message was lost']]);
  });

  test('is answered with a problem, and not left at work, where the store stays away', async () => {
    const begun = Promise.withResolvers<PassedHere>();
    let isAway = false;
    const it = await two(
      begun.resolve,
      () => isAway,
      async () => {
        if (isAway) throw new StateError({ kind: 'unreachable', reason: 'away' });
      },
    );
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    const { response } = await begun.promise;
    isAway = true;
    for (let beat = 0; beat < 3; beat += 1) await it.beat();
    expect([await outcome, problems, response.destroyed]).toEqual(['passed', ['message was lost'], true]);
  });

  test('goes on where it is passed while the other is looked after', async () => {
    const begun: PassedHere[] = [];
    const looking = new Gate();
    let looks = 0;
    const it = await two(
      (passed) => void begun.push(passed),
      () => false,
      async (operation) => {
        if (operation === 'get' && ++looks === 2) await looking.pass();
      },
    );
    it.pass(Buffer.from('first'));
    await vi.waitUntil(() => begun.length === 1);
    await it.beat();
    await looking.reached;
    const { problems } = it.pass(Buffer.from('second'));
    await vi.waitUntil(() => begun.length === 2);
    looking.open();
    for (let beat = 0; beat < 2; beat += 1) await it.beat();
    expect([begun[1]?.response.destroyed, problems]).toEqual([false, []]);
  });

  test('is not taken by one that closes, where it was not begun', async () => {
    const it = await two((passed) => void echo(passed));
    it.here.close();
    expect(await it.pass(Buffer.from('asked')).outcome).toBe('not taken');
  });

  test('that is too large is refused', async () => {
    const it = await two((passed) => void echo(passed));
    const { problems, outcome } = it.pass(Buffer.alloc(8 * 1_048_576 + 1));
    expect([await outcome, problems]).toEqual(['passed', ['too large']]);
  });
});
