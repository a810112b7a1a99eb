import { expect, test } from 'vitest';
import { callFilter, passes, withNews } from '../../console/calls-filter.ts';
import { madeCall } from './made-data.ts';

test('what the address says becomes what the gateway is asked, and what it does not say is not asked', () => {
  expect(callFilter({ server: 'files', tool: '', verdict: 'denied', from: '2026-11-25T09:00', to: 'never' })).toEqual({
    server: 'files',
    verdict: 'denied',
    from: new Date(2026, 10, 25, 9).getTime(),
  });
});

test.each([
  [{ server: 'files' }, true],
  [{ server: 'mail' }, false],
  [{ tool: 'read_text' }, true],
  [{ tool: 'write' }, false],
  [{ verdict: 'ok' }, true],
  [{ verdict: 'denied' }, false],
  [{ principal: 'bob' }, false],
] as const)('a live call is held against %j', (filter, expected) => {
  expect(passes(madeCall(1), filter)).toBe(expected);
});

test('news replace what is known where it stands, come first where they are new, and push the oldest out', () => {
  const [one, two, three, four] = [madeCall(1), madeCall(2), madeCall(3), madeCall(4)];
  const ended = { ...two, verdict: 'denied' } as const;
  expect(withNews([one, two], [three, ended, four], 3)).toEqual([four, three, one]);
  expect(withNews([one, two], [ended], 3)).toEqual([one, ended]);
});
