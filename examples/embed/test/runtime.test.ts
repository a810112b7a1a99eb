import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../runtime-call-a-plugin.ts', import.meta.url));

test('runtime-call-a-plugin loads a plugin, calls it and closes it, in at most 15 lines', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('one-call-at-a-time\n');
  expect(readFileSync(program, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('the README shows the same program', () => {
  const readme = readFileSync(new URL('../../../packages/runtime/README.md', import.meta.url), 'utf8');
  const body = readFileSync(program, 'utf8')
    .replace(/^\/\/.*\n/, '')
    .trimEnd();
  expect(readme).toContain(body);
});
