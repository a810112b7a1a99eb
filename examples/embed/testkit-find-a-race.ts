// Sells the last one twice: run it, and read in which order.
import { interleave } from '@lockgate/testkit';

await interleave(async ({ step }) => {
  let left = 1;
  const sell = async (buyer: string): Promise<void> => {
    if (left === 0) return;
    await step(`${buyer} pays`);
    left -= 1;
  };
  await Promise.all([sell('ann'), sell('bob')]);
  if (left < 0) throw new Error(`${left} left`);
});
