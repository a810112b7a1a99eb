import { expect, test } from 'vitest';
import { KeptRecord } from '../../src/state/kept-record.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { type RecordKind, Records } from '../../src/state/records.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { wrapped } from './wrapped-store.ts';

const counter: RecordKind<number> = { prefix: 'counter', parse: (value) => value as number };

const newStore = (): StateStore => createMemoryStore({ now: () => 0 });

test('a record that was never there is absent, and one that went away is lost', async () => {
  const store = newStore();
  const written = new KeptRecord(new Records(store, counter), ['one']);
  const seen = new KeptRecord(new Records(store, counter), ['one']);
  expect(await written.get()).toBeUndefined();
  expect(await seen.update((now) => now)).toBeUndefined();
  await written.update(() => 1);
  expect(await seen.get()).toBe(1);
  await store.delete('counter:["one"]');
  const lost = { code: 'GATEWAY_STATE', problem: { kind: 'lost', record: 'counter' } };
  await expect(written.get()).rejects.toMatchObject(lost);
  await expect(seen.get()).rejects.toMatchObject(lost);
  await expect(seen.update(() => 1)).rejects.toMatchObject(lost);
  expect(await store.get('counter:["one"]')).toBeUndefined();
});

test('a record that was deleted through here is absent', async () => {
  const kept = new KeptRecord(new Records(newStore(), counter), ['one']);
  await kept.update(() => 1);
  await kept.delete();
  expect(await kept.get()).toBeUndefined();
});

test('a look that began before the first write finds no record and no loss', async () => {
  const inner = newStore();
  const told = Promise.withResolvers<void>();
  let late = true;
  const store: StateStore = {
    ...wrapped(inner, async () => {}),
    get: async (key) => {
      const isLate = late;
      late = false;
      const found = await inner.get(key);
      if (isLate) await told.promise;
      return found;
    },
  };
  const kept = new KeptRecord(new Records(store, counter), ['one']);
  const look = kept.get();
  await kept.update(() => 1);
  told.resolve();
  expect(await look).toBeUndefined();
  expect(await kept.get()).toBe(1);
});

test('a record that starts over is written also where it was lost or cannot be read, and never where there was none', async () => {
  const store = newStore();
  const kind: RecordKind<number> = {
    prefix: 'counter',
    parse: (value) => {
      if (typeof value !== 'number') throw new TypeError('no number');
      return value;
    },
  };
  const kept = new KeptRecord(new Records(store, kind), ['one']);
  expect(await kept.startOver(0)).toBe(false);
  expect(await store.get('counter:["one"]')).toBeUndefined();
  await kept.update(() => 7);
  await store.delete('counter:["one"]');
  expect(await kept.startOver(0)).toBe(true);
  expect(await kept.get()).toBe(0);
  const elsewhere = new KeptRecord(new Records(store, kind), ['one']);
  await store.put('counter:["one"]', { value: 'of another version' });
  await expect(elsewhere.get()).rejects.toMatchObject({ problem: { kind: 'unreadable' } });
  expect(await elsewhere.startOver(0)).toBe(true);
  expect(await kept.get()).toBe(0);
});

test('a store that has begun another life has lost what may have been there, and is taken at its word for what began later', async () => {
  let lives = 1;
  const inner = newStore();
  const store: StateStore = Object.defineProperty(
    wrapped(inner, async () => {}),
    'lives',
    { get: () => lives },
  );
  const caller: RecordKind<number> = { ...counter, prefix: 'caller', outlivesSessions: true };
  const ofSession = new KeptRecord(new Records(store, counter), ['one']);
  lives = 2;
  const ofCaller = new KeptRecord(new Records(store, caller), ['one']);
  const lost = { code: 'GATEWAY_STATE', problem: { kind: 'lost' } };
  await expect(ofSession.get()).rejects.toMatchObject(lost);
  await expect(ofCaller.get()).rejects.toMatchObject(lost);
  await expect(ofCaller.update(() => 1)).rejects.toMatchObject(lost);
  expect(await new KeptRecord(new Records(store, counter), ['two']).get()).toBeUndefined();
  expect(await ofCaller.startOver(0)).toBe(true);
  expect(await ofCaller.get()).toBe(0);
});
