import { type StateStoreSubject, stateStoreSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { noRedis, RedisServer } from './redis-server.ts';

let server: RedisServer;
let count = 0;

beforeAll(async () => {
  if (noRedis === undefined) server = await RedisServer.start('--appendonly', 'yes');
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** Each test has keys of its own, with characters that a pattern of keys would take for others. */
async function create(trouble?: { fail(): Promise<void>; recover(): Promise<void> }): Promise<StateStoreSubject> {
  count += 1;
  const section = { url: server.url, prefix: `[suite]*${count}:` };
  const open = (): Promise<StateStore> => openRedisStore(section, silentLogger);
  const store = await open();
  return Object.assign(store, {
    another: open,
    pass: (milliseconds: number) => age(milliseconds),
    ...(trouble && {
      fail: async () => {
        await trouble.fail();
        await until(store, 'fails');
      },
      recover: async () => {
        await trouble.recover();
        await until(store, 'serves');
      },
    }),
  });
}

async function until(store: StateStore, what: 'serves' | 'fails'): Promise<void> {
  const does = (): Promise<'serves' | 'fails'> =>
    store.get('key').then(
      () => 'serves',
      () => 'fails',
    );
  while ((await does()) !== what) await new Promise(setImmediate);
}

/** The server's clock cannot be set: what lives for a time is made to have less of it left. */
async function age(milliseconds: number): Promise<void> {
  const { control } = server;
  for (const key of await control.keys('*')) {
    const left = await control.pttl(key);
    if (left > 0) await control.pexpire(key, left - milliseconds);
  }
}

describe.skipIf(noRedis !== undefined)('state in Redis', () => {
  describe('that serves', () => {
    stateStoreSuite(testApi, { supports: { failure: false }, create: () => create() });
  });

  describe('that is killed and started again', () => {
    stateStoreSuite(testApi, {
      create: () => create({ fail: () => server.kill(), recover: () => server.startAgain() }),
    });
  });

  describe('that stops to answer, and goes on', () => {
    stateStoreSuite(testApi, {
      create: () => create({ fail: async () => server.stall(), recover: async () => server.goOn() }),
    });
  });
});
