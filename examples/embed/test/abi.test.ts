import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../talk-to-a-guest.ts', import.meta.url));

test('talk-to-a-guest greets with nothing but the abi package', () => {
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('Hello, world!\n');
});

test('the README of the abi package shows the same program', () => {
  const readme = readFileSync(new URL('../../../packages/abi/README.md', import.meta.url), 'utf8');
  const text = readFileSync(program, 'utf8');
  expect(readme).toContain(text.slice(text.indexOf('const bytes')).trimEnd());
});
