import { describe, expect, test } from 'vitest';
import { interleave, type Steps } from '../../src/index.ts';

/** Two deposits on one account; wrong when one reads before the other has written. */
async function deposits(steps: Steps): Promise<void> {
  let balance = 0;
  const deposit = async (who: string): Promise<void> => {
    await steps.step(`${who} begins`);
    const before = balance;
    await steps.step(`${who} writes`);
    balance = before + 1;
  };
  await Promise.all([deposit('ann'), deposit('bob')]);
  if (balance !== 2) throw new Error(`balance ${balance}`);
}

async function failureOf(run: Promise<void>): Promise<Error> {
  return run.then(
    () => new Error('it passed'),
    (error: Error) => error,
  );
}

describe('interleave', () => {
  test('finds an order that fails, and prints it in one line that replays it', async () => {
    const found = await failureOf(interleave(deposits, { seed: 1 }));
    expect(found.message).toContain('balance 1');
    expect(found.message).toContain('order: ann begins → bob begins');
    const replay = JSON.parse(/replay: (\[.*\])/.exec(found.message)?.[1] ?? '') as number[];
    expect((await failureOf(interleave(deposits, { replay }))).message).toBe(found.message);
  });

  test('shrinks to the plainest order: first come, first served needs no picks', async () => {
    const found = await failureOf(interleave(deposits, { seed: 1 }));
    expect(found.message).toMatch(/replay: \[\]$/);
  });

  test('shrinks a race that needs another order to the shortest list of picks', async () => {
    const needsLastFirst = async (steps: Steps): Promise<void> => {
      const order: number[] = [];
      const actor = async (number: number): Promise<void> => {
        await steps.step(`${number}`);
        order.push(number);
      };
      await Promise.all([0, 1, 2, 3].map(actor));
      if (order[1] === 3) throw new Error('3 came second');
    };
    expect((await failureOf(interleave(needsLastFirst, { seed: 1 }))).message).toMatch(/replay: \[0, 2\]$/);
  });

  test('explores more than one order of a scenario that is right', async () => {
    const orders = new Set<string>();
    await interleave(
      async (steps) => {
        const order: string[] = [];
        const actor = async (name: string): Promise<void> => {
          await steps.step(name);
          order.push(name);
        };
        await Promise.all(['a', 'b', 'c'].map(actor));
        orders.add(order.join(''));
      },
      { runs: 100 },
    );
    expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});
