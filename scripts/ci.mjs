// Runs every check one after the other, never stops at the first that fails, and ends with one closing line: the counts
// of the test run, with every other check as one more.
import { spawnSync } from 'node:child_process';

const checks = [
  ['tests', ['npm', 'test']],
  ['lint, import arrows and house rules', ['npm', 'run', '--silent', 'lint']],
  ['types, package contents, unused code', ['npm', 'run', '--silent', 'check']],
  [
    'the testkit under node:test, on a foreign runtime',
    ['npm', 'run', '--silent', 'exec', '--', 'pnpm', '--dir', 'examples/third-party', 'test'],
  ],
  ['every command of the README', ['npm', 'run', '--silent', 'exec', '--', 'node', 'scripts/readme.mjs']],
  [
    'a stranger’s first minutes: fresh clone, empty home',
    ['npm', 'run', '--silent', 'exec', '--', 'node', 'scripts/fresh-clone.mjs'],
  ],
  [
    'a release to a local registry, installed and run from there',
    ['npm', 'run', '--silent', 'exec', '--', 'node', 'scripts/released.mjs'],
  ],
  ['two minutes of soak', ['npm', 'run', '--silent', 'soak', '--', '--minutes', '2']],
  ['benchmarks still run', ['npm', 'run', '--silent', 'bench', '--', '--quick', '--filter', 'locked-call']],
];

const total = { passed: 0, failed: 0, skipped: 0 };
const verdicts = [];
for (const [title, [command, ...args]] of checks) {
  console.log(`\n=== ${title}`);
  const started = performance.now();
  const done = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 });
  process.stdout.write(done.stdout);
  const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(done.stdout.trim().split('\n').at(-1) ?? '');
  if (title === 'tests' && counts) {
    total.passed += Number(counts[1]);
    total.failed += Number(counts[2]);
    total.skipped += Number(counts[3] ?? 0);
  } else if (done.status === 0) total.passed++;
  else total.failed++;
  verdicts.push(
    `${done.status === 0 ? 'ok    ' : 'FAILED'} ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
  );
}

console.log(`\n${verdicts.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
