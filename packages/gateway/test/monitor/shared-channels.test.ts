import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { Run } from './channels/run.ts';
import { programs } from './channels/steps.ts';
import { Worlds } from './channels/worlds.ts';

/** The whole number is run by hand: `LOCKGATE_SHARED_RUNS=20000`. */
const RUNS = Number(process.env.LOCKGATE_SHARED_RUNS ?? 40);

let redis: RedisServer;
let worlds = 0;

beforeAll(async () => {
  if (noRedis === undefined) redis = await RedisServer.start();
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

describe.skipIf(noRedis !== undefined)('three gateways that share their state, each asked in turn', () => {
  test(`let no forbidden byte leave, and lose no permitted one, in ${RUNS} random runs`, {
    timeout: 300_000 + RUNS * 1_000,
  }, async () => {
    const replicas = () => {
      worlds += 1;
      return { count: 3, state: { redis: { url: redis.url, prefix: `channels ${worlds}:` } } };
    };
    await using opened = new Worlds(replicas);
    const property = fc.asyncProperty(programs, (program) =>
      opened.play(program, (world) => new Run(world, program).play()),
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  });
});
