import type { Isolation } from '@lockgate/runtime';
import { idle, versionGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { openStage } from './stage.ts';

const CALLERS = 32;
const A = versionGuest('A');
const B = versionGuest('B');

// Starting a worker costs tens of milliseconds: inline shows the number of swaps, workers the parallel truth.
const rounds: readonly [Isolation, number][] = [
  ['inline', 200],
  ['worker', 12],
];

test.each(rounds)(
  'hammer (%s): %i reloads under 32 callers lose no call and mix no versions',
  async (isolation, reloads) => {
    await using stage = await openStage({ isolation });
    const handle = await stage.loader.load(A, { instances: { min: 2, max: 2 } });
    let announced = 1; // the generation that was announced last; odd ones are A, even ones B
    stage.loader.on('reloaded', ({ generation }) => {
      announced = generation;
    });

    let reloading = true;
    const counts = Array.from({ length: CALLERS }, async (_, caller) => {
      let calls = 0;
      for (; reloading; calls += 1) {
        const before = announced;
        const message = `${caller}/${calls}`;
        const { data, isError } = await handle.execute('echo', { message });
        const after = announced;
        expect({ isError, message: data.slice(2) }).toEqual({ isError: false, message });
        // Whole answers of a version that was live at some time of this call, so never A after B was announced before it.
        const possible = after > before ? ['A:', 'B:'] : [versionOf(before)];
        expect(possible).toContain(data.slice(0, 2));
        if (calls % 8 === 0) await idle(1); // inline calls alone would never let the event loop turn
      }
      return calls;
    });

    for (let reload = 1; reload <= reloads; reload += 1) {
      const { generation } = await stage.loader.reload('versioned', reload % 2 === 1 ? B : A);
      expect(generation).toBe(reload + 1);
    }
    reloading = false;
    const calls = await Promise.all(counts);

    expect(Math.min(...calls)).toBeGreaterThan(0);
    expect(stage.loader.list()).toMatchObject([{ live: { generation: reloads + 1 }, leases: 0, lastError: null }]);
  },
);

function versionOf(generation: number): string {
  return generation % 2 === 1 ? 'A:' : 'B:';
}
