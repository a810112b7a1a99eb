import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PassedHere } from '../../src/replicas/passed-here.ts';
import type { ReplicaMessage } from '../../src/replicas/replica-message.ts';
import { StateError } from '../../src/state/state-error.ts';
import { echo, two } from './two-gateways.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

/** Passes a request on that is answered with its own body, and sees the answer come whole within two beats. */
async function passesWhole(it: Awaited<ReturnType<typeof two>>, body: Buffer) {
  const { response, problems, outcome } = it.pass(body);
  for (let beat = 0; beat < 2; beat += 1) {
    await new Promise(setImmediate);
    await it.beat();
  }
  expect([await outcome, problems]).toEqual(['passed', []]);
  if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
  expect(Buffer.concat(response.taken).equals(body)).toBe(true);
}

describe('a request that is passed while gateways do not hear each other for a moment', () => {
  test('which never comes to its holder is known to have been begun by nobody by the next beat', async () => {
    let done = 0;
    const it = await two(
      (passed) => {
        done += 1;
        void echo(passed);
      },
      ({ kind }) => kind === 'request',
    );
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    for (let beat = 0; beat < 4; beat += 1) {
      await new Promise(setImmediate);
      await it.beat();
    }
    expect([await outcome, problems, done]).toEqual(['not heard', [], 0]);
  });

  test.each(['request', 'body'] as const)(
    'is done once where the first %s of it is lost, and the gateway that passed it on hears nothing of that',
    async (lost) => {
      let isLost = false;
      let done = 0;
      const it = await two(
        (passed) => {
          done += 1;
          void echo(passed).catch(() => {
            done -= 1;
          });
        },
        ({ kind }) => {
          const isFirst = kind === lost && !isLost;
          isLost ||= isFirst;
          return isFirst;
        },
      );
      const body = Buffer.alloc(700_000, 0x62);
      await passesWhole(it, body);
      expect(done).toBe(1);
    },
  );

  test.each([
    ['one that comes after it was heard', 1, 0],
    ['several were told in that moment', 3, 0],
    ['what the holder answers is not heard at first', 2, 1],
  ])('is done once, and known to have been begun by nobody till then, where %s', async (_, lost, unheard) => {
    const done: string[] = [];
    let [left, missed] = [0, unheard];
    const serve = async (passed: PassedHere): Promise<void> => {
      const body = Buffer.concat(await passed.request.toArray());
      done.push(body.toString());
      passed.response.writeHead(200);
      passed.response.end(body);
    };
    const it = await two(
      (passed) => void serve(passed),
      ({ kind }) => (kind === 'request' && left-- > 0) || (kind === 'missed' && missed-- > 0),
    );
    expect(await it.pass(Buffer.from('heard before')).outcome).toBe('passed');
    left = lost;
    const all = Array.from({ length: lost }, (_, index) => it.pass(Buffer.from(`lost ${index}`)));
    await new Promise(setImmediate);
    expect(await it.pass(Buffer.from('heard after')).outcome).toBe('passed');
    for (let beat = 0; beat < 3; beat += 1) {
      await new Promise(setImmediate);
      await it.beat();
    }
    expect(await Promise.all(all.map(({ outcome }) => outcome))).toEqual(all.map(() => 'passed'));
    expect(all.map(({ problems }) => problems)).toEqual(all.map(() => []));
    expect(done.toSorted()).toEqual(['heard after', 'heard before', ...all.map((_, index) => `lost ${index}`)]);
  });

  test.each([
    ['the request', 'request', 'heard'],
    ['the request', 'request', 'not heard'],
    ['a part of its body', 'body', 'heard'],
    ['a part of its body', 'body', 'not heard'],
  ] as const)(
    'is done once where %s was told, and the store was lost before it said so: %s (%s)',
    async (_, kind, how) => {
      let isCut = false;
      let done = 0;
      const isThis = (message: ReplicaMessage): boolean => message.kind === kind && !isCut;
      const serve = async (passed: PassedHere): Promise<void> => {
        const body = await passed.request.toArray().catch(() => undefined);
        if (!body) return;
        done += 1;
        passed.response.writeHead(200);
        passed.response.end(Buffer.concat(body));
      };
      const it = await two(
        (passed) => void serve(passed),
        (message) => how === 'not heard' && isThis(message),
        undefined,
        undefined,
        (message) => {
          if (!isThis(message)) return;
          isCut = true;
          throw new StateError({ kind: 'unreachable', reason: 'EPIPE', mayBeDone: true });
        },
      );
      const body = Buffer.alloc(400_000, 0x62);
      await passesWhole(it, body);
      expect(done).toBe(1);
    },
  );

  // What was told while a subscription was renewed is told again, in whatever state the request was then.
  test.each([
    ['before its answer began', 0, 'renewed'],
    ['in the midst of its answer', 1, 'renewed'],
    ['at the end of its answer', 2, 'renewed'],
    ['in the midst of its answer, unheard', 1, 'beat'],
    ['at the end of its answer, unheard', 2, 'beat'],
  ] as const)('is answered byte for byte where nothing was heard for a while: %s', async (_, from, how) => {
    const begun = Promise.withResolvers<PassedHere>();
    let isAway = false;
    let times = 0;
    const isPart = ({ kind }: ReplicaMessage): boolean => isAway && kind === 'part';
    const it = await two(
      (passed) => {
        times += 1;
        begun.resolve(passed);
      },
      (message) => how === 'renewed' && isPart(message),
      undefined,
      (message) => how === 'beat' && isPart(message),
    );
    const { response, problems, outcome } = it.pass(Buffer.from('asked'));
    const answer = (await begun.promise).response;
    const parts = ['a'.repeat(300_000), 'b'.repeat(10), 'c'.repeat(300_000)];
    answer.writeHead(200);
    for (const [index, text] of parts.entries()) {
      if (index === from) isAway = true;
      await new Promise<void>((resolve) => answer.write(text, () => resolve()));
      await new Promise(setImmediate);
    }
    answer.end();
    await new Promise(setImmediate);
    isAway = false;
    if (how === 'renewed') it.renew();
    else await it.beat();
    expect([await outcome, problems, times]).toEqual(['passed', [], 1]);
    if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
    expect(Buffer.concat(response.taken).toString()).toBe(parts.join(''));
  });

  test('is told what it misses once, however many others miss something at that moment', async () => {
    const begun: PassedHere[] = [];
    let isAway = false;
    let [parts, questions] = [0, 0];
    const it = await two(
      (passed) => void begun.push(passed),
      async ({ kind }) => {
        const isLost = isAway && kind === 'part';
        if (kind === 'part') parts += 1;
        if (kind === 'open') questions += 1;
        // Others take their turn before it is there, as over a network.
        await new Promise(setImmediate);
        return isLost;
      },
    );
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    };
    const all = Array.from({ length: 40 }, () => it.pass(Buffer.from('asked')));
    await turns();
    for (const { response } of begun) response.writeHead(200);
    const write = async (text: string): Promise<void> => {
      for (const { response } of begun) response.write(text);
      await turns();
    };
    await write('first');
    isAway = true;
    await write('missed');
    isAway = false;
    [parts, questions] = [0, 0];
    await write('last');
    // Each told its last one, and both again.
    expect([parts, questions]).toEqual([3 * all.length, 1]);
    for (const { response } of begun) response.end();
    expect(await Promise.all(all.map(({ outcome }) => outcome))).toEqual(all.map(() => 'passed'));
    for (const { response } of all) {
      if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
      expect(Buffer.concat(response.taken).toString()).toBe('firstmissedlast');
    }
  });

  test('goes on, and its answer flows, where what its client has taken was not heard', async () => {
    const begun = Promise.withResolvers<PassedHere>();
    let isAway = true;
    const it = await two(
      (passed) => begun.resolve(passed),
      ({ kind }) => isAway && kind === 'written',
    );
    const { response, outcome } = it.pass(Buffer.from('asked'));
    const answer = (await begun.promise).response;
    answer.writeHead(200);
    answer.end(Buffer.alloc(4 * 1_048_576, 0x61));
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(answer.writableFinished).toBe(false);
    isAway = false;
    it.renew();
    await it.beat();
    expect(await outcome).toBe('passed');
    if (!response.closed) await new Promise((resolve) => response.once('close', resolve));
    expect(Buffer.concat(response.taken).byteLength).toBe(4 * 1_048_576);
  });

  test('is not done again where its holder has ended in order and its answer may have been missed', async () => {
    const begun = Promise.withResolvers<PassedHere>();
    let isAway = false;
    const it = await two(
      (passed) => begun.resolve(passed),
      ({ kind }) => isAway && (kind === 'part' || kind === 'open'),
    );
    const { problems, outcome } = it.pass(Buffer.from('asked'));
    isAway = true;
    await echo(await begun.promise);
    await new Promise(setImmediate);
    it.renew();
    await it.other.close();
    expect([await outcome, problems]).toEqual(['passed', ['holder has ended']]);
  });
});
