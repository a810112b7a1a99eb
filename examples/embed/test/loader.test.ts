import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../loader-swap-versions.ts', import.meta.url));

test('loader-swap-versions replaces a plugin under a running call and goes back, in at most 18 lines', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    'reload: generation 2 of mine',
    'Hello, first version! Hello, second version!',
    'rollback: generation 3 of mine',
  ]);
  expect(readFileSync(program, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(18);
});
