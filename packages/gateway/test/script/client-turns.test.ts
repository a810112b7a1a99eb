import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ClientTurns } from '../../src/script/client-turns.ts';

const wanted = new Cancellation();
const full = new Error('full');
const turnsOf = (places: number): ClientTurns<number> => new ClientTurns(places, () => full);

/** Who gets places, in this order, when each place is free at once again. */
async function order(turns: ClientTurns<number>, clients: readonly string[]): Promise<string[]> {
  const got: string[] = [];
  const all = clients.map((client) => turns.wait(client, wanted).then(() => got.push(client)));
  for (let place = 0; turns.next(place); place++) turns.over(clients[place] ?? '');
  await Promise.all(all);
  return got;
}

test('clients take turns, however many scripts one of them has waiting', async () => {
  expect(await order(turnsOf(4), ['a', 'a', 'a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'a', 'a']);
});

test('one client never has all places', () => {
  const turns = turnsOf(3);
  for (let i = 0; i < 3; i++) void turns.wait('a', wanted);
  expect([turns.next(1), turns.next(2), turns.next(3)]).toEqual([true, true, false]);
  void turns.wait('b', wanted);
  expect(turns.next(3)).toBe(true);
  expect([turns.running, turns.waiting]).toEqual([3, 1]);
  turns.over('a');
  expect(turns.next(1)).toBe(true);
});

test('who no longer wants a turn has none, and gets the reason', async () => {
  const turns = turnsOf(2);
  const leaving = new Cancellation();
  const left = turns.wait('a', leaving).catch((error: unknown) => error);
  const next = turns.wait('a', wanted);
  const reason = new Error('gone');
  leaving.cancel(reason);
  expect(await left).toBe(reason);
  expect(turns.next(7)).toBe(true);
  expect(await next).toBe(7);
  expect(turns.next(8)).toBe(false);
});

test('where too many wait, the newest of whoever has most makes way for others, and for nobody who has as many', async () => {
  const turns = turnsOf(1);
  const waiting = Array.from({ length: 64 }, () => turns.wait('a', wanted));
  await expect(turns.wait('a', wanted)).rejects.toBe(full);
  const other = turns.wait('b', wanted);
  await expect(waiting.at(-1)).rejects.toBe(full);
  expect(turns.waiting).toBe(64);
  turns.next(1);
  turns.over('a');
  turns.next(2);
  expect(await other).toBe(2);
});

test('all that wait are told where there will be no place', async () => {
  const turns = turnsOf(1);
  const told = ['a', 'a', 'b'].map((client) => turns.wait(client, wanted).catch((error: unknown) => error));
  const reason = new Error('none');
  turns.failAll(reason);
  expect(await Promise.all(told)).toEqual([reason, reason, reason]);
  expect([turns.waiting, turns.next(1)]).toEqual([0, false]);
});
