import { Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { SingleFlight } from '../src/single-flight.ts';

describe('SingleFlight', () => {
  test('callers of one key share one run, callers of another have their own', async () => {
    const gate = new Gate();
    const flights = new SingleFlight<string, string>();
    let runs = 0;
    const work = async (): Promise<string> => {
      const run = ++runs;
      await gate.pass();
      return `run ${run}`;
    };
    const all = Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]);
    gate.open();
    expect(await all).toEqual(['run 1', 'run 1', 'run 2']);
  });

  test('a failure reaches everyone who shares the run, and the next caller starts again', async () => {
    const flights = new SingleFlight<string, string>();
    const failing = (): Promise<string> => Promise.reject(new Error('no'));
    const shared = await Promise.allSettled([flights.run('a', failing), flights.run('a', failing)]);
    expect(shared.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', async () => 'yes')).toBe('yes');
  });

  test('settled waits for all runs under way, however they end', async () => {
    const gate = new Gate();
    const flights = new SingleFlight<string, string>();
    const ended: string[] = [];
    const good = flights.run('good', () => gate.pass().then(() => 'done')).then(() => ended.push('good'));
    const bad = flights
      .run('bad', () => gate.pass().then(() => Promise.reject(new Error())))
      .catch(() => ended.push('bad'));
    const settled = flights.settled().then(() => ended.push('settled'));
    gate.open();
    await Promise.all([good, bad, settled]);
    expect(ended.at(-1)).toBe('settled');
  });
});
