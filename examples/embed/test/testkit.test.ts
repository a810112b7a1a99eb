import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...clean } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    env: { ...clean, ...environment },
  });
  return { output: stdout + stderr, status };
}

test('testkit-find-a-race finds it, says in which order, and how to replay it', () => {
  const { output, status } = run(['testkit-find-a-race.ts']);
  expect(output).toContain('-1 left\n  order: ann pays → bob pays\n  replay: []');
  expect(status).toBe(1);
  expect(read('testkit-find-a-race.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('testkit-own-class fails the exclusion suite without a lock, and passes it with one', () => {
  const { output, status } = run(['--test', '--test-reporter=spec', 'testkit-own-class.ts']);
  expect(output).toContain('✖ keeps every other call out while one waits on HTTP');
  expect(output).toContain('"enter b" came while "a" was inside');
  expect(status).toBe(1);
  const locked = run(['--test', '--test-reporter=spec', 'testkit-own-class.ts'], { LOCKED: '1' });
  expect(locked.output).toContain('✔ keeps every other call out while one waits on HTTP');
  expect(locked.status).toBe(0);
});
