import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guestLines } from '../../src/host/guest-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const said: [string, object, string][] = [];
  const at = (level: string) => (facts: object, sentence: string) => void said.push([level, facts, sentence]);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { said, lines: guestLines(logger, () => 'g') };
}

test('lines are logged at debug, whatever the guest calls them, but for warnings and errors', () => {
  const { said, lines } = open();
  for (const level of ['debug', 'info', 'warn', 'error'] as const) lines(level, level);
  const line = (level: string, text: string) => [level, { module: 'g', line: text }, 'guest log'];
  expect(said).toEqual([line('debug', 'debug'), line('debug', 'info'), line('warn', 'warn'), line('error', 'error')]);
});

test('more than a hundred lines a second are counted, at the level that they would have had, and warnings come through beside them', () => {
  const { said, lines } = open();
  for (let n = 0; n < 150; n++) lines('info', `${n}`);
  lines('error', 'seen');
  expect(said).toHaveLength(101);
  vi.advanceTimersByTime(1_000);
  expect(said.slice(100)).toEqual([
    ['error', { module: 'g', line: 'seen' }, 'guest log'],
    ['debug', { module: 'g', lines: 50 }, 'lines of the guest log were left out'],
  ]);
  lines('info', 'again');
  expect(said.at(-1)).toEqual(['debug', { module: 'g', line: 'again' }, 'guest log']);
  for (let n = 0; n < 101; n++) lines('warn', `${n}`);
  vi.advanceTimersByTime(1_000);
  expect(said.at(-1)).toEqual(['warn', { module: 'g', lines: 1 }, 'lines of the guest log were left out']);
  expect(vi.getTimerCount()).toBe(0);
});
