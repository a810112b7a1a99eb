import { describe, expect, test } from 'vitest';
import { type HealthEntry, type HealthSource, liveness, readiness } from '../../src/http/health.ts';

const entry = (state: HealthEntry['state'], kind: HealthEntry['kind'] = 'server'): HealthEntry => ({
  name: 'a',
  kind,
  state,
});

describe('readiness', () => {
  const cases: [string, HealthSource['state'], HealthEntry[], number, string][] = [
    ['nothing configured', 'running', [], 200, 'ready'],
    ['all up', 'running', [entry('up'), entry('up', 'plugin')], 200, 'ready'],
    ['one still starting', 'running', [entry('up'), entry('starting')], 200, 'ready'],
    ['one down', 'running', [entry('up'), entry('down')], 200, 'degraded'],
    ['a guard down', 'running', [entry('up'), entry('down', 'guard')], 200, 'degraded'],
    ['all down', 'running', [entry('down'), entry('down')], 503, 'down'],
    ['only a guard up', 'running', [entry('down'), entry('up', 'guard')], 503, 'down'],
    ['all still starting', 'running', [entry('starting')], 503, 'starting'],
    ['starting', 'starting', [entry('up')], 503, 'starting'],
    ['closing', 'closing', [entry('up')], 503, 'closing'],
    ['closed', 'closed', [], 503, 'closed'],
  ];
  test('cut off from the gateways that it shares its state with', () => {
    const of = (state: HealthSource['state'], isCutOff: boolean) =>
      readiness({ state, entries: [entry('up')], isCutOff }, false);
    expect(of('running', true)).toMatchObject({ status: 503, body: { status: 'cut off' } });
    expect(of('running', false)).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect(of('closing', true)).toMatchObject({ status: 503, body: { status: 'closing' } });
  });

  test.each(cases)('%s', (_, state, entries, status, word) => {
    const answer = readiness({ state, entries }, false);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: word });
    expect(answer.body).not.toHaveProperty('entries');
  });

  test('tells names and reasons only to those who may see them', () => {
    const down = { ...entry('down'), reason: 'exited with 1' };
    expect(readiness({ state: 'running', entries: [down] }, true).body).toMatchObject({ entries: [down], down: 1 });
  });
});

test('a process that answers is live, whatever else', () => {
  expect(liveness()).toEqual({ status: 200, body: { status: 'live' } });
});

test('a gateway of which fewer processes serve than are to is degraded, and says how many do', () => {
  const of = (serving: number) => readiness({ state: 'running', entries: [], processes: { serving, wanted: 2 } }, true);
  expect(of(2)).toMatchObject({ status: 200, body: { status: 'ready', processes: { serving: 2, wanted: 2 } } });
  expect(of(1)).toMatchObject({ status: 200, body: { status: 'degraded' } });
});
