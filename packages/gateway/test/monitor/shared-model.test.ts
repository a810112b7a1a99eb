import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import type { ServerRule } from '../../src/monitor/rule.ts';
import { openRedisStore } from '../../src/state/redis/open-redis-store.ts';
import { StateError } from '../../src/state/state-error.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';
import { ask, label, resolved, ruleOf, step } from './model-sequences.ts';
import { PlainGuard } from './plain-guard.ts';
import { ModelAgent, type ModelMode } from './reference-model.ts';

/** The whole number is run by hand: `LOCKGATE_SHARED_RUNS=20000`. */
const RUNS = Number(process.env.LOCKGATE_SHARED_RUNS ?? 250);
const REPLICAS = 3;

/** What becomes of Redis before a call, and after it. `silent` costs two seconds; where it was `restored`, others than the one that was called come back first, and write. */
const TROUBLES = ['none', 'killed', 'restored', 'silent', 'emptied', 'restarted empty', 'reset'] as const;
type Trouble = (typeof TROUBLES)[number];

const sequence = fc.record({
  mode: fc.constantFrom<ModelMode>('strict', 'filter', 'propagate'),
  grant: label,
  steps: fc.array(
    fc.record({
      call: step,
      replica: fc.nat(REPLICAS - 1),
      trouble: fc.oneof(
        { weight: 400, arbitrary: fc.constant<Trouble>('none') },
        { weight: 20, arbitrary: fc.constant<Trouble>('reset') },
        { weight: 6, arbitrary: fc.constant<Trouble>('emptied') },
        { weight: 2, arbitrary: fc.constantFrom<Trouble>('killed', 'restarted empty') },
        { weight: 6, arbitrary: fc.constant<Trouble>('restored') },
        { weight: RUNS < 1_000 ? 0 : 1, arbitrary: fc.constant<Trouble>('silent') },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

let redis: RedisServer;
const stores: StateStore[] = [];
let worlds = 0;

beforeAll(async () => {
  if (noRedis === undefined) redis = await RedisServer.start();
});
afterAll(async () => {
  await closeStores();
  await redis?.[Symbol.asyncDispose]();
});

async function closeStores(): Promise<void> {
  for (const store of stores.splice(0)) await store.close();
}

/** Records that nobody has lost yet. */
async function openStores(): Promise<void> {
  await closeStores();
  worlds += 1;
  const section = { url: redis.url, prefix: `model ${worlds}:` };
  while (stores.length < REPLICAS) stores.push(await openRedisStore(section, silentLogger));
}

async function untilServed(): Promise<void> {
  const isServed = (store: StateStore): Promise<boolean> =>
    store.get('any').then(
      () => true,
      () => false,
    );
  for (const store of stores) while (!(await isServed(store))) await new Promise(setImmediate);
}

/** What the agent may be now: where a call failed on its way, any part of it may have been done. */
class PossibleAgents {
  #all: ModelAgent[] = [new ModelAgent()];

  get isKnown(): boolean {
    return this.#all.length === 1;
  }

  startOver(): void {
    this.#all = [new ModelAgent()];
  }

  /** What the monitor may answer; the agents are as they are afterwards. */
  answers({ server, call }: Step, mode: ModelMode, grant: Labels): unknown[] {
    return this.#all.map((agent) => resolved(agent.call(server, mode, grant, call), call));
  }

  /** The same, of a call of which nobody knows how far it came. */
  mayHave({ server, call }: Step, mode: ModelMode, grant: Labels): void {
    const granted = this.#all.map(clone);
    if (server.kind === 'guard') for (const agent of granted) agent.granted = grant;
    const done = this.#all.map(clone);
    for (const agent of done) agent.call(server, mode, grant, call);
    const different = new Map([...this.#all, ...granted, ...done].map((agent) => [JSON.stringify(agent), agent]));
    this.#all = [...different.values()];
  }
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Labels = typeof label extends fc.Arbitrary<infer T> ? T : never;

function clone({ granted, reads }: ModelAgent): ModelAgent {
  return Object.assign(new ModelAgent(), { granted, reads: [...reads] });
}

/** Whether no more is given than may be. */
function isWithin(given: unknown, most: unknown): boolean {
  if (given === 'denied') return true;
  return Array.isArray(most) && (given as unknown[]).every((item) => most.includes(item));
}

async function before(trouble: Trouble): Promise<void> {
  if (trouble === 'emptied') await redis.control.flushall();
  if (trouble === 'silent') redis.stall();
  if (trouble === 'restored') await redis.control.save();
  if (trouble === 'killed') {
    await redis.control.save();
    await redis.kill();
  }
  if (trouble === 'restarted empty') {
    await redis.control.flushall();
    await redis.control.save();
    await redis.kill();
    await redis.startAgain();
  }
}

/** More writes than any call makes, by gateways that have not made it. */
async function overtake(called: number): Promise<void> {
  for (const store of stores.toSpliced(called, 1)) {
    for (let writes = 0; writes < 10; ) {
      await store.put('any', { value: writes }).then(
        () => {
          writes += 1;
        },
        () => new Promise(setImmediate),
      );
    }
  }
}

async function after(trouble: Trouble, called: number): Promise<void> {
  if (trouble === 'restored') {
    await redis.kill();
    await redis.startAgain();
    await overtake(called);
  }
  if (trouble === 'silent') redis.goOn();
  if (trouble === 'killed') await redis.startAgain();
  if (trouble !== 'none' && trouble !== 'reset') await untilServed();
}

describe.skipIf(noRedis !== undefined)('the monitor of three replicas', () => {
  test(`agrees with the model wherever each call is made, and gives no more than it while Redis fails, in ${RUNS} random runs`, {
    timeout: 60_000 + RUNS * 2_000,
  }, async () => {
    const seen: Record<string, number> = {};
    const note = (what: string): void => {
      seen[what] = (seen[what] ?? 0) + 1;
    };
    let agents = 0;
    let isHurt = true;
    const property = fc.asyncProperty(sequence, async ({ mode, grant, steps }) => {
      if (isHurt) await openStores();
      isHurt = false;
      agents += 1;
      const agent = { principal: `p${agents}` };
      const guard = new PlainGuard({ agent: grant, mode });
      const rules: Record<string, ServerRule['rule']> = { guard: ruleOf({ kind: 'guard', accept: [] }, guard) };
      const ruleOfServer = (server: string): ServerRule => ({
        rule: rules[server] ?? { kind: 'open' },
        mode,
        toolCallLimits: {},
      });
      const monitors = stores.map((store) => new Monitor({ ruleOf: ruleOfServer, store }));
      const model = new PossibleAgents();
      let isLost = false;
      for (const { call, replica, trouble } of steps) {
        const monitor = monitors[replica] as Monitor;
        rules[call.server.kind] = ruleOf(call.server, guard);
        await before(trouble);
        if (trouble === 'reset' && (await monitor.reset(agent.principal))) {
          model.startOver();
          isLost = false;
        }
        isLost ||= trouble.includes('empt');
        isHurt ||= trouble !== 'none' && trouble !== 'reset';
        try {
          const given = await ask(monitor, guard, call.server.kind, call.call, agent);
          note(`${trouble} ${given === 'denied' ? 'denied' : 'given'}`);
          expect(isLost, 'nothing is known of an agent whose records are lost').toBe(false);
          const most = model.answers(call, mode, grant);
          if (isHurt)
            expect(
              most.some((one) => isWithin(given, one)),
              `${JSON.stringify(given)} in ${JSON.stringify(most)}`,
            ).toBe(true);
          else expect([given]).toEqual(most);
        } catch (error) {
          if (!(error instanceof StateError) || !isHurt) throw error;
          note(`${trouble} refused`);
          model.mayHave(call, mode, grant);
        } finally {
          await after(trouble, replica);
        }
      }
    });
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    process.stdout.write(`${RUNS} runs: ${JSON.stringify(seen)}\n`);
    for (const [what, least] of [
      ['none given', RUNS / 10],
      ['none denied', RUNS / 10],
      ['reset given', 1],
      ['emptied refused', 1],
    ] as const)
      expect(seen[what] ?? 0, what).toBeGreaterThanOrEqual(least);
  });
});
