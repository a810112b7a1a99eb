import { expect, test } from 'vitest';
import { HandedConfiguration } from '../../src/processes/handed-configuration.ts';
import type { ServingProcess } from '../../src/processes/serving-process.ts';
import type { Rolled } from '../../src/processes/supervisor.ts';

const BEFORE = { file: 'before' };
const AFTER = { file: 'after' };

/** Two processes, of which each roll replaces so many before it fails, where it does. */
function two(rolls: readonly (Rolled & { readonly replaced: number })[]) {
  const handed = new HandedConfiguration(BEFORE);
  const texts = new Map<ServingProcess, object>();
  const staying: ServingProcess[] = [];
  const start = (): ServingProcess =>
    handed.start((given) => {
      const tell = (): void => void staying.splice(staying.indexOf(one), 1, start());
      const one = { link: { tell } } as unknown as ServingProcess;
      texts.set(one, given);
      return one;
    });
  staying.push(start(), start());
  let times = 0;
  const supervisor = {
    staying,
    isStopping: false,
    roll: async (): Promise<Rolled> => {
      const rolled = rolls[times] ?? { replaced: 2 };
      times += 1;
      for (let at = 0; at < rolled.replaced; at += 1) staying[at] = start();
      return rolled;
    },
  };
  return { handed, supervisor, all: () => staying.map((one) => texts.get(one)), times: () => times };
}

const broken = (replaced: number): Rolled => ({ replaced, failure: 'it ended by exit code 2', wasKilled: false });
const killed: Rolled = { replaced: 1, failure: 'it ended by signal SIGKILL', wasKilled: true };

test.each([
  ['all are started anew', [], AFTER, 1],
  ['the first cannot be', [broken(0)], BEFORE, 1],
  ['the second cannot be, all go back', [broken(1)], BEFORE, 2],
  ['one is killed on the way, it is done once more', [killed], AFTER, 2],
  ['one is killed each time, all go back', [killed, killed], BEFORE, 3],
  ['one is killed on the way back as well, all go back', [broken(1), { ...killed, replaced: 0 }], BEFORE, 3],
  ['none comes up on the way back, those that do not fit end', [broken(1), broken(0), broken(0)], BEFORE, 3],
] as const)('all processes have one configuration: where %s', async (_, rolls, texts, times) => {
  const it = two(rolls);
  const rolled = await it.handed.roll(it.supervisor, AFTER);
  expect(rolled.failure === undefined).toBe(texts === AFTER);
  expect(it.all()).toEqual([texts, texts]);
  expect(it.times()).toBe(times);
});
