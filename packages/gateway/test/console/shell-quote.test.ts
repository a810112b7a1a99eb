import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { callCommand } from '../../console/shell-quote.ts';

test('a shell reads the arguments as they were written, whatever is in them', () => {
  const args = { text: `it's "$HOME" \`id\` \\ ; rm\nü`, n: 1 };
  const command = callCommand('files__say', args, '/home/a b/lockgate.json');
  const printed = execFileSync('sh', ['-c', `lockgate() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' });
  expect(printed.split('\0')).toEqual([
    'call',
    'files__say',
    JSON.stringify(args),
    '--config',
    '/home/a b/lockgate.json',
    '',
  ]);
});

test('a call without arguments is short', () => {
  expect(callCommand('files__list', {})).toBe('lockgate call files__list');
});
