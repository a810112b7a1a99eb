import type { LockgateError } from '@lockgate/abi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approved } from '../../src/call/approved.ts';
import { Approvals } from '../../src/consent/approvals.ts';
import { CallLimits } from '../../src/limits/call-limits.ts';
import { ToolCallLimits } from '../../src/limits/tool-call-limits.ts';
import { silentLogger } from '../../src/logger.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { silentPeer } from '../../src/protocol/silent-peer.ts';
import { KeptRecord } from '../../src/state/kept-record.ts';
import { quotaRecords } from '../../src/state/quota-record.ts';
import { Records } from '../../src/state/records.ts';
import { openRedisStore } from '../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';

/** The whole number is run by hand: `LOCKGATE_RACES=10000`. That of logins is in test/login/shared-vault.test.ts. */
const RACES = Number(process.env.LOCKGATE_RACES ?? 600);
/** Races at the same time. */
const ABREAST = 100;

/** Two gateways of one process, each with a connection of its own to one Redis. */
let redis: RedisServer;
let stores: readonly [StateStore, StateStore];

beforeAll(async () => {
  if (noRedis !== undefined) return;
  redis = await RedisServer.start();
  const open = (): Promise<StateStore> => openRedisStore({ url: redis.url, prefix: 'races:' }, silentLogger);
  stores = [await open(), await open()];
});
afterAll(async () => {
  for (const store of stores ?? []) await store.close();
  await redis?.[Symbol.asyncDispose]();
});

/** How often each outcome was seen: `yes`, or the code of an error. */
async function outcomes(race: (index: number) => Promise<readonly PromiseSettledResult<unknown>[]>) {
  const seen: Record<string, number> = {};
  for (let from = 0; from < RACES; from += ABREAST) {
    const races = await Promise.all(Array.from({ length: ABREAST }, (_, index) => race(from + index)));
    for (const one of races.flat()) {
      const how = one.status === 'fulfilled' ? 'yes' : ((one.reason as LockgateError).code ?? String(one.reason));
      seen[how] = (seen[how] ?? 0) + 1;
    }
  }
  return seen;
}

describe.skipIf(noRedis !== undefined)(`of two gateways at the same moment, ${RACES} times`, () => {
  test.each(['day', 'hour'] as const)('one takes the last place of a limit by the %s', async (per) => {
    const entry = { last: { calls: 2, per, by: ['principal' as const] } };
    const clocks = { now: Date.now, monotonicNow: () => performance.now() };
    const limits = stores.map((store) => new CallLimits({ store, ...clocks }, entry));
    const seen = await outcomes(async (index) => {
      const call = { principal: `p${index}`, server: 's', tool: 't', isToolCall: true };
      await limits[index % 2]?.take(call);
      return Promise.allSettled(limits.map(async (limit) => limit.take(call)));
    });
    expect(seen).toEqual({ yes: RACES, GATEWAY_LIMIT_REACHED: RACES });
  });

  test("one takes the last call of a session's quota", async () => {
    const seen = await outcomes(async (index) => {
      const quotas = stores.map(
        (store) => new ToolCallLimits(new KeptRecord(new Records(store, quotaRecords), ['p', `s${index}`], 60_000)),
      );
      await quotas[index % 2]?.take('s', 't', 2);
      return Promise.allSettled(quotas.map((quota) => quota.take('s', 't', 2)));
    });
    expect(seen).toEqual({ yes: RACES, GATEWAY_TOOL_CALL_LIMIT: RACES });
  });

  test('one makes a call that was approved', async () => {
    const gateways = stores.map((store) => {
      const own = { logger: silentLogger, redact: (text: string) => text, store, now: Date.now };
      const approvals = new Approvals({ ...own, pinOf: () => undefined });
      approvals.replace([{ tools: ['git/*'], require: 'operator', otherThanRequester: false }]);
      return approvals;
    });
    const [first, second] = gateways as [Approvals, Approvals];
    const make = (by: Approvals, index: number): Promise<string> => {
      const peer = silentPeer(`p${index}`, { name: `p${index}`, how: 'api-key' });
      const exchange = { peer, cancellation: new Cancellation() } as never;
      const call = { server: 'git', tool: 'push', params: ObjectText.read(Buffer.from('{"arguments":{"to":"main"}}')) };
      return approved(
        by,
        call,
        exchange,
        false,
        async () => {},
        async () => 'made',
      );
    };
    // Who comes too late waits for the next approval, which is that of the next race.
    await Promise.allSettled(Array.from({ length: ABREAST }, (_, index) => make(first, index)));
    let listed = second.list();
    const seen = await outcomes(async (index) => {
      const at = index % ABREAST;
      if (at === 0) listed = second.list();
      const waiting = (await listed).find(({ principal }) => principal === `p${at}`);
      await gateways[index % 2]?.decide(waiting?.id ?? '', 'approve', 'operator');
      return Promise.allSettled(gateways.map((by) => make(by, at)));
    });
    expect(seen).toEqual({ yes: RACES, GATEWAY_APPROVAL_NEEDED: RACES });
  });
});
