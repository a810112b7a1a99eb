import { describe, expect, test } from 'vitest';
import { hammer } from '../../src/index.ts';

describe('hammer', () => {
  test('every worker makes its first call before any makes its second', async () => {
    const order: string[] = [];
    await hammer({ workers: 3, loops: 2 }, async (worker, loop) => {
      order.push(`${loop}`);
      await Promise.resolve(worker);
    });
    expect(order).toEqual(['0', '0', '0', '1', '1', '1']);
  });

  test('collects every worker’s failure, and lets the others run to their end', async () => {
    const done: number[] = [];
    const run = hammer({ workers: 4, loops: 3 }, async (worker) => {
      if (worker % 2 === 0) throw new Error(`worker ${worker}`);
      done.push(worker);
    });
    await expect(run).rejects.toThrow('2 of 4 workers failed; the first: Error: worker 0');
    expect(done).toHaveLength(6);
  });
});
