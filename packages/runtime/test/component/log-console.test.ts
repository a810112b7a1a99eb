import { expect, test } from 'vitest';
import { LogConsole } from '../../src/component/log-console.ts';
import { GuestLog } from '../../src/host/guest-log.ts';

test('what a component writes to stdout and to stderr is no warning, since it calls it none', () => {
  const said: [string, string][] = [];
  const console = new LogConsole(new GuestLog((level, line) => void said.push([level, line]), 10));
  console.stdout().write(Buffer.from('out\n'));
  console.stderr().write(Buffer.from('err\n'));
  expect(said).toEqual([
    ['info', 'out'],
    ['info', 'err'],
  ]);
});
