import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FIXTURE = fileURLToPath(new URL('fixtures/bound-to-node-test.ts', import.meta.url));

function underNodeTest(fault?: string): { readonly output: string; readonly status: number | null } {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...clean } = process.env;
  const run = spawnSync(
    process.execPath,
    ['--conditions=@lockgate/source', '--test', '--test-reporter=spec', FIXTURE],
    { encoding: 'utf8', env: fault ? { ...clean, FAULT: fault } : clean },
  );
  return { output: run.stdout + run.stderr, status: run.status };
}

test('a suite runs under node:test, with skips that show', () => {
  const { output, status } = underNodeTest();
  expect(output).toContain('✔ keeps every other call out while one waits on HTTP');
  expect(output).toMatch(/﹣ tells a call that it starts .* \(skipped: the subject does not support onStart\)/);
  expect(output).toMatch(/pass 9\n.*fail 0/);
  expect(status).toBe(0);
});

test('and fails there as it must', () => {
  const { output, status } = underNodeTest('no lock');
  expect(output).toContain('✖ keeps every other call out while one waits on HTTP');
  expect(output).toContain('while "a" was inside');
  expect(output).toMatch(/pass 8\n.*fail 1/);
  expect(status).toBe(1);
});
