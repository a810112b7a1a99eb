import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { wantsColor } from '../../src/cli/terminal.ts';

test.each([
  [{}, true],
  [{ TERM: 'dumb' }, false],
  [{ TERM: 'dumb', FORCE_COLOR: '1' }, true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
])('a terminal with %o has colours: %s', (environment, has) => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  expect(wantsColor({ environment, stderr })).toBe(has);
});
