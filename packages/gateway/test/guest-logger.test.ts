import { expect, test } from 'vitest';
import { guestLogger } from '../src/guest-logger.ts';
import type { Logger } from '../src/logger.ts';

test('what a guarded plugin writes is at debug whatever it calls it, and what is said of it, or another writes, as it is', () => {
  const said: string[] = [];
  const note = (level: string) => (fields: object) => void said.push(`${level} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const guests = guestLogger(logger, (plugin) => plugin === 'guarded');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    for (const module of ['guarded', 'open']) guests[level]({ module, line: 'x' }, 'guest log');
    guests[level]({ module: 'guarded' }, 'module loaded');
  }
  const line = (level: string, module: string): string => `${level} {"module":"${module}","line":"x"}`;
  const about = (level: string): string => `${level} {"module":"guarded"}`;
  expect(said).toEqual([
    ...[line('debug', 'guarded'), line('debug', 'open'), about('debug')],
    ...[line('info', 'guarded'), line('info', 'open'), about('info')],
    ...[line('debug', 'guarded'), line('warn', 'open'), about('warn')],
    ...[line('debug', 'guarded'), line('error', 'open'), about('error')],
  ]);
});
