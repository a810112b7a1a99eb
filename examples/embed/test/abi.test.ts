import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../talk-to-a-guest.ts', import.meta.url));

test('talk-to-a-guest greets with nothing but the abi package', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('Hello, world!\n');
});
