import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Run } from './channels/run.ts';
import { type AgentName, programs } from './channels/steps.ts';
import { Worlds } from './channels/worlds.ts';

/** `LOCKGATE_PAIRS=5000` for as many. */
const PAIRS = Number(process.env.LOCKGATE_PAIRS ?? 100);

/** Who looks. Everybody else is of another principal. */
const OBSERVER: AgentName = 'q/1';

test(`runs that differ only in what an agent may not see look the same to it, in ${PAIRS} random pairs`, {
  timeout: 300_000 + PAIRS * 2_000,
}, async () => {
  const hidden = { data: 0, all: 0 };
  await using worlds = new Worlds();
  const property = fc.asyncProperty(programs, (program) =>
    worlds.play(program, async (world) => {
      const pair = world.nextId();
      const word = (at: number): string => `P${pair}n${at}z`;
      const first = new Run(world, program, { wordOf: word });
      await first.play();
      const secret = first.hiddenFrom(`client ${OBSERVER}`);
      const second = new Run(world, program, {
        wordOf: (at) => (secret.has(at) ? `other-${word(at)}-${'longer'.repeat(1 + (at % 5))}` : word(at)),
      });
      await second.play();
      expect(seenIn(second)).toEqual(seenIn(first));
      hidden.data += secret.size;
      hidden.all += seenIn(first).length;
    }),
  );
  await fc.assert(property, { numRuns: PAIRS, endOnFailure: true });
  expect(hidden.data).toBeGreaterThan(PAIRS);
  expect(hidden.all).toBeGreaterThan(PAIRS);
});

/** Without ids and times: those of events and of parked calls. */
function seenIn(run: Run): readonly string[] {
  return run
    .streamsOf(OBSERVER)
    .map((stream) => stream.replaceAll(/^id: .*$/gm, 'id').replaceAll(/"lockgate\.[\w-]+"/g, '"state"'));
}
