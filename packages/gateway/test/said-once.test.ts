import { expect, test } from 'vitest';
import { silentLogger } from '../src/logger.ts';
import { saidOnce } from '../src/said-once.ts';

test('an error is said once until it is another', () => {
  const said: object[] = [];
  const logger = saidOnce({ ...silentLogger, error: (facts) => void said.push(facts) });
  for (const reason of ['a', 'a', 'a', 'b', 'b', 'a']) logger.error({ reason }, 'could not be loaded');
  expect(said).toEqual([{ reason: 'a' }, { reason: 'b' }, { reason: 'a' }]);
});

test('what is said at the other levels is said each time', () => {
  const said: string[] = [];
  const logger = saidOnce({
    ...silentLogger,
    debug: () => void said.push('debug'),
    info: () => void said.push('info'),
    warn: () => void said.push('warn'),
  });
  for (const level of ['debug', 'info', 'warn', 'warn'] as const) logger[level]({}, 'same');
  expect(said).toEqual(['debug', 'info', 'warn', 'warn']);
});
