import { expect, test } from 'vitest';
import type { CallKind } from '../../hammer/call-kinds.ts';
import { drawing } from '../../hammer/draw.ts';
import type { Guests } from '../../hammer/guests.ts';
import { hammerCalls } from '../../hammer/hammer-calls.ts';
import { Tally } from '../../hammer/tally.ts';
import { turns } from '../../hammer/turns.ts';

const guests = { versions: { change: async () => undefined } } as unknown as Guests;

type Call = CallKind['call'];

const ends: Call = async (_guests, call, { signal, onStart }) => {
  await turns(2);
  signal?.throwIfAborted();
  onStart?.();
  signal?.throwIfAborted();
  return call;
};

/** What the hammer says of one kind of call, of which each must give its own number. */
async function hammerOn(call: Call) {
  const kind: CallKind = { name: 'counted', share: 1, call, mustGive: (number) => ({ answer: number }) };
  const tally = new Tally();
  await hammerCalls({ guests, kinds: [kind], calls: 2_000, draw: drawing(1), tally });
  return { ...tally.total, complaints: tally.complaints };
}

test('calls that give what they must, or reject with the reason of their abort, are right', async () => {
  const { made, right, aborted, wrong } = await hammerOn(ends);
  expect({ sum: right + aborted, wrong }).toEqual({ sum: made, wrong: 0 });
  expect(aborted).toBeGreaterThan(50);
});

test.each<[what: string, call: Call, complaint: RegExp]>([
  [
    'an answer of another call',
    async (_guests, call) => (call === 77 ? 78 : call),
    /^call 77 \(counted\): gave 78, and must give 77$/,
  ],
  [
    'an error instead of an answer',
    async (_guests, call) => {
      if (call === 77) throw Object.assign(new Error('lost'), { code: 'LOST' });
      return call;
    },
    /rejected with LOST, and must give an answer: Error: lost/,
  ],
  [
    'an abort that came before the call',
    async (_guests, call) => call,
    /was not aborted, though it was so before it was made/,
  ],
  [
    'an abort long before the end',
    async (_guests, call, { signal }) => {
      if (signal?.aborted) throw signal.reason;
      await turns(200);
      return call;
    },
    /ended as if nothing were, long after it was aborted some turns later/,
  ],
  [
    'a start after the abort',
    async (_guests, call, { signal, onStart }) => {
      onStart?.();
      signal?.throwIfAborted();
      return call;
    },
    /it started, though it was aborted before/,
  ],
  [
    'the reason of the abort of another call',
    async (_guests, call, { signal }) => {
      if (signal) throw new Error('aborted');
      return call;
    },
    /rejected with Error: aborted, and must give an answer/,
  ],
])('%s is seen', async (_what, call, complaint) => {
  const { wrong, complaints } = await hammerOn(call);
  expect(wrong).toBeGreaterThan(0);
  expect(complaints).toContainEqual(expect.stringMatching(complaint));
});
