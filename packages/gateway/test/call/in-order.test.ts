import { expect, test } from 'vitest';
import { InOrder } from '../../src/call/in-order.ts';
import { ceilingCounts } from '../../src/ceilings.ts';

test('messages beyond a thousand that wait are not taken, and are counted', async () => {
  const order = new InOrder();
  const gate = Promise.withResolvers<void>();
  const passed: string[] = [];
  const add = (method: string): boolean =>
    order.add({ method, params: undefined }, async (message) => {
      await gate.promise;
      passed.push(message.method);
    });
  for (let n = 0; n < 1_000; n++) expect(add(`${n}`)).toBe(true);
  const reached = ceilingCounts.get('monitored-messages') ?? 0;
  expect(add('too many')).toBe(false);
  expect(ceilingCounts.get('monitored-messages')).toBe(reached + 1);
  gate.resolve();
  await order.settled;
  expect(passed).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}`));
  expect(add('again')).toBe(true);
});
