import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../runtime-call-a-plugin.ts', import.meta.url));

test('runtime-call-a-plugin loads a plugin, calls it and closes it, in at most 15 lines', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('Hello, world!\n');
  expect(readFileSync(program, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});
