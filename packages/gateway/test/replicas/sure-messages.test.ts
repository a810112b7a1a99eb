import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReplicaMessage } from '../../src/replicas/replica-message.ts';
import { echo, two } from './two-gateways.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

const isFrame = (message: ReplicaMessage): boolean => message.kind === 'frame' || message.kind === 'sure';

async function telling(how: 'swallowed' | 'unheard') {
  const it = { isAway: false };
  const gateways = await two(
    (passed) => void echo(passed),
    (message) => it.isAway && how === 'swallowed' && isFrame(message),
    undefined,
    (message) => it.isAway && how === 'unheard' && isFrame(message),
  );
  const heard: string[] = [];
  gateways.other.on('frame', ({ frame }) => void heard.push(frame));
  const tell = async (frame: string): Promise<void> => {
    const message = { kind: 'frame', session: 's', frame, isOptional: false } as const;
    gateways.one.tellSurely(gateways.other.name ?? '', message);
    await new Promise(setImmediate);
  };
  return Object.assign(it, gateways, { tell, heard });
}

describe('a frame for the stream of a session that is at home at another gateway', () => {
  test.each(['swallowed', 'unheard'] as const)(
    'is told again where that did not hear it for a moment (%s), and once alone',
    async (how) => {
      const it = await telling(how);
      await it.tell('before');
      it.isAway = true;
      await it.tell('missed');
      await it.tell('missed as well');
      it.isAway = false;
      await it.tell('after');
      expect(it.heard).toEqual(['before', 'after']);
      if (how === 'swallowed') it.renew();
      else await it.beat();
      await new Promise(setImmediate);
      expect(it.heard).toEqual(['before', 'after', 'missed', 'missed as well']);
      it.renew();
      await it.beat();
      expect(it.heard).toHaveLength(4);
    },
  );

  test('is told again where each of the two heard nothing in the moment in which the other one heard again', async () => {
    let isAway = true;
    const it = await two(
      (passed) => void echo(passed),
      ({ kind }) => isAway && (kind === 'sure' || kind === 'hears'),
    );
    const heard: string[] = [];
    it.other.on('frame', ({ frame }) => void heard.push(frame));
    it.one.tellSurely(it.other.name ?? '', { kind: 'frame', session: 's', frame: 'missed', isOptional: false });
    await new Promise(setImmediate);
    it.otherRenews();
    await new Promise(setImmediate);
    isAway = false;
    it.oneRenews();
    await new Promise(setImmediate);
    expect(heard).toEqual(['missed']);
  });

  test('is told no more where that has not heard for so long that it has ended', async () => {
    const it = await telling('unheard');
    it.isAway = true;
    await it.tell('missed');
    for (let beats = 0; beats < 6; beats += 1) await it.beat();
    it.isAway = false;
    await it.beat();
    it.renew();
    await new Promise(setImmediate);
    expect(it.heard).toEqual([]);
  });
});

describe('a cancellation of a call that may run anywhere', () => {
  const cancelled = (params: string) => ({ kind: 'cancelled', session: 's', params }) as const;

  async function cancelling(how: 'swallowed' | 'refused' | 'deaf') {
    const it = { isAway: false };
    const gateways = await two(
      (passed) => void echo(passed),
      ({ kind }) => {
        if (!it.isAway || (kind !== 'cancelled' && !(how === 'deaf' && kind === 'hears'))) return false;
        if (how === 'refused') throw new Error('away');
        return true;
      },
    );
    const heard: string[] = [];
    gateways.other.on('cancelled', ({ params }) => void heard.push(params));
    const cancel = async (params: string): Promise<void> => {
      gateways.one.tellAllSurely(cancelled(params));
      await new Promise(setImmediate);
    };
    return Object.assign(it, gateways, { cancel, heard });
  }

  test.each(['swallowed', 'refused', 'deaf'] as const)('is told again to one that missed it (%s)', async (how) => {
    const it = await cancelling(how);
    it.isAway = true;
    await it.cancel('missed');
    if (how === 'deaf') it.otherRenews(); // which the one that has told it does not hear
    await new Promise(setImmediate);
    expect(it.heard).toEqual([]);
    it.isAway = false;
    if (how === 'refused') await it.beat();
    else if (how === 'deaf') it.oneRenews();
    else it.otherRenews();
    await new Promise(setImmediate);
    expect(it.heard).toEqual(['missed']);
    for (let beats = 0; beats < 6; beats += 1) await it.beat();
    it.otherRenews();
    await new Promise(setImmediate);
    expect(it.heard).toEqual(['missed']);
  });

  test('is kept among the newest, however many there are', async () => {
    const it = await cancelling('swallowed');
    it.isAway = true;
    for (let count = 0; count < 1_010; count += 1) it.one.tellAllSurely(cancelled(String(count)));
    it.one.tellAllSurely(cancelled('x'.repeat(3_000_000)));
    it.one.tellAllSurely(cancelled('y'.repeat(3_000_000)));
    it.isAway = false;
    it.otherRenews();
    await new Promise(setImmediate);
    expect(it.heard.map((params) => params[0])).toEqual(['y']);
  });
});

test('a request that a gateway did not hear is done as soon as it hears again, before the next beat', async () => {
  let isAway = true;
  const it = await two(
    (passed) => void echo(passed),
    ({ kind }) => isAway && kind === 'request',
  );
  const { response, outcome } = it.pass(Buffer.from('asked'));
  await new Promise(setImmediate);
  isAway = false;
  it.otherRenews();
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(100);
  expect(await outcome).toBe('passed');
  expect(Buffer.concat(response.taken).toString()).toBe('asked');
});
