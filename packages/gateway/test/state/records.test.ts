import { expect, test } from 'vitest';
import { agentLabelsRecords } from '../../src/state/agent-labels-record.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { parkedCallRecords } from '../../src/state/parked-call-record.ts';
import { quotaRecords } from '../../src/state/quota-record.ts';
import { LastSeen, type RecordKind, Records } from '../../src/state/records.ts';
import { sessionRecords } from '../../src/state/session-record.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { taskOwnerRecords } from '../../src/state/task-owner-record.ts';
import { wrapped } from './wrapped-store.ts';

const counter: RecordKind<{ readonly count: number }> = {
  prefix: 'counter',
  parse: (value) => {
    const { count } = value as { count: unknown };
    if (typeof count !== 'number') throw new TypeError('"count" must be a number');
    return { count };
  },
};

const newStore = (): StateStore => createMemoryStore({ now: () => 0 });

test('changes that come together are all done', async () => {
  const records = new Records(newStore(), counter);
  const add = () => records.update(['one'], (now) => ({ count: (now?.count ?? 0) + 1 }));
  await Promise.all(Array.from({ length: 40 }, add));
  expect(await records.get(['one'])).toEqual({ count: 40 });
});

test('a change of what was seen last asks the store once, and what it does not write it knows of the record as it is', async () => {
  const store = newStore();
  const asked: string[] = [];
  const records = new Records(
    wrapped(store, async (operation) => void asked.push(operation)),
    counter,
  );
  const seen = new LastSeen();
  const upTo = (most: number) => (now: { readonly count: number } | undefined) =>
    now && now.count >= most ? now : { count: (now?.count ?? 0) + 1 };
  const asks = async (work: () => Promise<unknown>): Promise<readonly unknown[]> => {
    asked.length = 0;
    const result = await work();
    return [result, ...asked];
  };
  const one = ['one'];
  await records.update(one, upTo(9), undefined, seen);
  expect(await asks(() => records.update(one, upTo(9), undefined, seen))).toEqual([{ count: 2 }, 'compareAndSet']);
  await new Records(store, counter).put(one, { count: 5 });
  const [stale, ...operations] = await asks(() => records.update(one, upTo(9), undefined, seen));
  expect([stale, ...operations]).toEqual([{ count: 6 }, 'compareAndSet', 'compareAndSet']);
  await new Records(store, counter).put(one, { count: 1 });
  expect(await records.update(one, upTo(6), undefined, seen)).toEqual({ count: 2 });
  await store.delete('counter:["one"]');
  expect(await records.update(one, upTo(9), undefined, seen)).toEqual({ count: 1 });
});

test('a change that changes nothing is no write', async () => {
  const store = newStore();
  const records = new Records(store, counter);
  await records.put(['one'], { count: 1 });
  const before = await store.get('counter:["one"]');
  expect(await records.update(['one'], (now) => now)).toEqual({ count: 1 });
  expect(await store.get('counter:["one"]')).toEqual(before);
  expect(await records.update(['absent'], (now) => now)).toBeUndefined();
});

test('a record that others change each time gives up and says so', async () => {
  const store = newStore();
  const others = new Records(store, counter);
  const contended = wrapped(store, async (operation) => {
    if (operation === 'compareAndSet') await others.put(['one'], { count: 0 });
  });
  let tries = 0;
  const update = new Records(contended, counter).update(['one'], () => ({ count: ++tries }));
  await expect(update).rejects.toMatchObject({
    code: 'GATEWAY_STATE',
    problem: { kind: 'contended', record: 'counter', tries: 64 },
  });
  expect(tries).toBe(64);
});

test('of many who take a record, one gets it', async () => {
  const records = new Records(newStore(), counter);
  await records.put(['one'], { count: 1 });
  const taken = await Promise.all(Array.from({ length: 20 }, () => records.take(['one'])));
  expect(taken.filter((record) => record !== undefined)).toEqual([{ count: 1 }]);
  expect(await records.get(['one'])).toBeUndefined();
});

test('a record is created once, and kinds and keys are never mistaken for each other', async () => {
  const store = newStore();
  const records = new Records(store, counter);
  const others = new Records(store, { ...counter, prefix: 'other' });
  expect(await records.create(['a', 'b'], { count: 1 })).toBe(true);
  expect(await records.create(['a', 'b'], { count: 2 })).toBe(false);
  for (const key of [['a","b'], ['a b'], ['a'], ['b', 'a']]) expect(await records.get(key)).toBeUndefined();
  expect(await others.get(['a', 'b'])).toBeUndefined();
  expect(await records.delete(['a', 'b'])).toBe(true);
});

test('a time to live is given with a record and renewed', async () => {
  const clock = { now: 0 };
  const records = new Records(createMemoryStore({ now: () => clock.now }), counter);
  await records.put(['put'], { count: 1 }, 10);
  await records.put(['renewed'], { count: 1 }, 10);
  await records.create(['created'], { count: 1 }, 10);
  await records.update(['updated'], () => ({ count: 1 }), 10);
  expect(await records.expire(['renewed'], 30)).toBe(true);
  clock.now = 20;
  expect(await Promise.all(['renewed', 'put', 'created', 'updated'].map((key) => records.get([key])))).toEqual([
    { count: 1 },
    undefined,
    undefined,
    undefined,
  ]);
  expect(await records.expire(['created'], 30)).toBe(false);
});

test('a record that cannot be read is an error that names its kind and field, not its contents', async () => {
  const store = newStore();
  await store.put('counter:["one"]', { value: { count: 'SECRET' } });
  const records = new Records(store, counter);
  const unreadable = { code: 'GATEWAY_STATE', problem: { kind: 'unreadable', record: 'counter' } };
  await expect(records.get(['one'])).rejects.toMatchObject(unreadable);
  await expect(records.update(['one'], () => ({ count: 1 }))).rejects.toMatchObject(unreadable);
  await expect(records.take(['one'])).rejects.toThrow(/\("counter"\) cannot be read: "count" must be a number/);
});

const KINDS: readonly { kind: RecordKind<unknown>; good: object; bad: string }[] = [
  {
    kind: sessionRecords,
    good: {
      id: 's',
      principal: 'ann',
      protocolVersion: '2025-11-25',
      clientInfo: { name: 'c', version: '1' },
      capabilities: { sampling: {} },
      createdAt: 1,
      lastUsedAt: 2,
    },
    bad: 'createdAt',
  },
  {
    kind: agentLabelsRecords,
    good: {
      grants: [{ server: '__proto__', policyHash: 'h', mode: 'strict', secrecy: ['a'], integrity: [] }],
      readSecrecy: ['b'],
      readIntegrity: null,
      givenSecrecy: ['c'],
    },
    bad: 'readSecrecy',
  },
  { kind: quotaRecords, good: { used: [{ server: 'files', tool: '__proto__', calls: 1 }] }, bad: 'used' },
  { kind: parkedCallRecords, good: { owner: 'ann', fingerprint: 'f', holder: 'p', expiresAt: 1 }, bad: 'owner' },
  {
    kind: taskOwnerRecords,
    good: { session: 's', principal: 'ann', since: 1, call: { tool: 't', args: {} } },
    bad: 'session',
  },
];

test.each(KINDS)(
  '$kind.prefix: what was written is read, with what a newer version added',
  async ({ kind, good, bad }) => {
    const store = newStore();
    const records = new Records(store, kind);
    await records.put(['key'], { ...good, addedLater: true });
    expect(await records.get(['key'])).toEqual({ ...good, addedLater: true });
    await records.put(['key'], { ...good, [bad]: { SECRET: true } });
    const refused = records.get(['key']);
    await expect(refused).rejects.toThrow(new RegExp(`"${bad}" is not as expected`));
    await expect(refused).rejects.not.toThrow(/SECRET/);
  },
);

test('no two kinds share a prefix', () => {
  expect(new Set(KINDS.map(({ kind }) => kind.prefix)).size).toBe(KINDS.length);
});
