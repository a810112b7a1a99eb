import { setImmediate as turn } from 'node:timers/promises';
import { echoGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { LoopTurns } from '../../src/isolate/loop-turns.ts';
import { openPlugin } from '../open-plugin.ts';

const LARGE = 'x'.repeat(100_000);
/** Some seconds of computing. */
const MANY_CALLS = 5_000;

test('a turn is due when guests have computed for long, together, and once only', async () => {
  const turns = new LoopTurns(() => 0);
  turns.computedSince(-9);
  expect(turns.isDue).toBe(false);
  turns.computedSince(-1);
  expect(turns.isDue).toBe(true);
  await Promise.all([turns.turn(), turns.turn()]);
  expect(turns.isDue).toBe(false);
});

test('who comes first after a turn computes, and the others wait for the next if that was long', async () => {
  const turns = new LoopTurns(() => 0);
  const order: string[] = [];
  const call = async (name: string, ms: number): Promise<void> => {
    while (turns.isDue) await turns.turn();
    order.push(name);
    turns.computedSince(-ms);
  };
  turns.computedSince(-10);
  const calls = [call('first', 10), call('second', 10), call('third', 0)];
  for (let looped = 0; looped < 3; looped += 1) {
    await turn();
    order.push('turned');
  }
  await Promise.all(calls);
  expect(order.filter((name) => name !== 'turned')).toEqual(['first', 'second', 'third']);
  const [first, second] = [order.indexOf('first'), order.indexOf('second')];
  expect(order.slice(first, second)).toContain('turned');
});

test('the event loop turns between inline calls that follow one another without a pause', async () => {
  await using opened = await openPlugin(echoGuest(), { isolation: 'inline' });
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  let made = 0;
  for (; made < MANY_CALLS && !hasTurned; made += 1) await opened.plugin.execute('echo', { message: LARGE });
  expect(hasTurned).toBe(true);
  expect(made).toBeGreaterThan(1);
});

test('many callers at once let it turn as well, and each gets its own answer', async () => {
  await using one = await openPlugin(echoGuest(), { isolation: 'inline', instances: { max: 2 } });
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const answers = Array.from({ length: 64 }, async (_, caller) => {
    for (let call = 0; call < 8; call += 1) {
      const message = `${caller}-${call}-`.padEnd(LARGE.length, 'y');
      const { data } = await one.plugin.execute('echo', { message });
      if (data !== message) return `${caller}-${call}`;
    }
    return undefined;
  });
  const wrong = (await Promise.all(answers)).filter((name) => name !== undefined);
  isOver = true;
  expect(wrong).toEqual([]);
  expect(turns).toBeGreaterThan(1);
});

test('a call that waits for a turn ends on its instance, however soon that is closed', async () => {
  await using opened = await openPlugin(echoGuest(), { isolation: 'inline', instances: { max: 4 } });
  const calls = Array.from({ length: 40 }, () => opened.plugin.execute('echo', { message: LARGE }));
  const first = await Promise.race(calls);
  await opened.plugin.close();
  const ends = await Promise.all(calls);
  expect(first).toEqual({ data: LARGE, isError: false });
  const wrong = ends.filter(({ data }) => data !== LARGE && data !== 'wasm: module closed');
  expect(wrong).toEqual([]);
});
