import { availableParallelism } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { Lookout } from '../../src/isolate/lookout.ts';

afterEach(() => void vi.restoreAllMocks());

/** The word changes while it is looked at for the n-th time. */
function answersAtLook(n: number): void {
  let looks = 0;
  vi.spyOn(Atomics, 'load').mockImplementation(() => {
    looks += 1;
    return (looks < n ? 0 : 7) as never;
  });
}

/** How often the word is looked at in one turn in which it does not change. */
function looksIn(turn: () => boolean): number {
  vi.restoreAllMocks();
  const load = vi.spyOn(Atomics, 'load');
  expect(turn()).toBe(false);
  return load.mock.calls.length;
}

test('what has changed is seen', () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const lookout = new Lookout(words, 1);
  words[1] = 5;
  expect(lookout.sees(4)).toBe(true);
});

test.skipIf(availableParallelism() === 1)(
  'what changes in a moment is seen as well (not where there is one processor)',
  () => {
    const lookout = new Lookout(new Int32Array(new SharedArrayBuffer(8)), 1);
    answersAtLook(4);
    expect(lookout.sees(0)).toBe(true);
  },
);

test('what was looked for in vain is looked for once in each of the next turns, and in more of them each time up to 1,024', () => {
  const lookout = new Lookout(new Int32Array(new SharedArrayBuffer(8)), 1);
  const looks = (): number => looksIn(() => lookout.sees(0));
  const first = looks();
  for (const turns of [8, 16, 32, 64, 128, 256, 512, 1_024, 1_024]) {
    for (let turn = 0; turn < turns; turn += 1) expect(looks()).toBe(1);
    expect(looks()).toBe(first);
  }
});

test.skipIf(availableParallelism() === 1)(
  'a thread that was awake is looked for briefly, and after that once for as long as it takes to wake it (not where there is one processor)',
  () => {
    const lookout = new Lookout(new Int32Array(new SharedArrayBuffer(8)), 1);
    const asleep = looksIn(() => lookout.sees(0));
    for (let turn = 0; turn < 8; turn += 1) lookout.sees(0);
    answersAtLook(3);
    expect(lookout.sees(0)).toBe(true);
    const awake = looksIn(() => lookout.sees(0));
    expect(awake).toBeLessThan(asleep / 4);
    expect(looksIn(() => lookout.sees(0))).toBe(asleep);
    expect(looksIn(() => lookout.sees(0))).toBe(1);
  },
);
