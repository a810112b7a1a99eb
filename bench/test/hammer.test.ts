import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../hammer.ts', import.meta.url));

function hammer(...args: readonly string[]) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
  return { stdout, stderr, status };
}

test('a small hammer finds nothing wrong in either isolation, nor with whole servers: every call gives what it must, and all comes back', () => {
  const major = process.versions.node.split('.', 1).join();
  const { stdout, stderr, status } = hammer('--calls', '500', '--node', major, '--seed', '1');
  expect(stdout, stderr).toMatch(
    /^\| \S+ +\| inline +\| \d+ +\| \d+ +\| \d+ +\| 0 .*\n\| \S+ +\| worker +\| \d+ +\| \d+ +\| \d+ +\| 0 .*\n\| \S+ +\| server +\| \d+ +\| \d+ +\| \d+ +\| 0 /m,
  );
  expect({ failed: stdout.match(/^FAILED .*/gm), status }).toEqual({ failed: null, status: 0 });
});

test.each([
  [['--calls', 'many'], /--calls takes a whole number from 1 on, got "many"/],
  [['--isolation', 'process'], /--isolation takes inline, worker, server, server-run, server-http, got "process"/],
])('the arguments %j are refused', (args, said) => {
  const { stderr, status } = hammer(...args);
  expect(stderr).toMatch(said);
  expect(status).toBe(2);
});
