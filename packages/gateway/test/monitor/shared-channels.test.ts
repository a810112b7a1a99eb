import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { StateError } from '../../src/state/state-error.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { Run } from './channels/run.ts';
import { type Program, programs } from './channels/steps.ts';
import { Worlds } from './channels/worlds.ts';

/** The whole number is run by hand: `LOCKGATE_SHARED_RUNS=20000`, or several times with a `LOCKGATE_SEED` each. */
const RUNS = Number(process.env.LOCKGATE_SHARED_RUNS ?? 40);

/** A run is begun so often at most. */
const MOST_TRIES = 5;

let redis: RedisServer;
let worlds = 0;
let begunAgain = 0;

beforeAll(async () => {
  if (noRedis === undefined) redis = await RedisServer.start();
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

/** What Redis was too late to answer is refused, as it should be, and asked anew, as a client would: in a run that begins again. Even then nothing may be seen that must not. */
async function play(opened: Worlds, program: Program): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    let wasLate = false;
    try {
      await opened.play(program, async (world) => {
        const run = new Run(world, program);
        try {
          await run.play();
        } catch (error) {
          run.mustHaveHidden();
          wasLate = world.lostStore || (error as Error).cause instanceof StateError;
          throw error;
        }
      });
      return;
    } catch (error) {
      if (!wasLate || tries === MOST_TRIES) throw error;
      begunAgain += 1;
    }
  }
}

describe.skipIf(noRedis !== undefined)('three gateways that share their state, each asked in turn', () => {
  test(`let no forbidden byte leave, and lose no permitted one, in ${RUNS} random runs`, {
    timeout: 300_000 + RUNS * 1_000,
  }, async () => {
    const replicas = () => {
      worlds += 1;
      return { count: 3, state: { redis: { url: redis.url, prefix: `channels ${worlds}:` } } };
    };
    await using opened = new Worlds(replicas);
    const property = fc.asyncProperty(programs, (program) => play(opened, program));
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    if (RUNS > 1_000) process.stdout.write(`${RUNS} runs, ${begunAgain} times begun again\n`);
  });
});
