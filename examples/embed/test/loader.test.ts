import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../loader-swap-versions.ts', import.meta.url));

test('loader-swap-versions replaces a plugin under a running call and goes back, in at most 15 lines', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    'reload: generation 2 of mine',
    'Hello, world! new-calls-new-version',
    'rollback: generation 3 of mine',
  ]);
  expect(readFileSync(program, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('the README of the loader shows the same program', () => {
  const readme = readFileSync(new URL('../../../packages/loader/README.md', import.meta.url), 'utf8');
  const body = readFileSync(program, 'utf8')
    .replace(/^\/\/.*\n/, '')
    .trimEnd();
  expect(readme).toContain(body);
});
