// Runs every check, never stops at the first that fails, and ends with one closing line: the counts of the test run, with
// every other check as one more. Tests take both processors of a small machine by themselves, and the soak's load is
// measured; the others are run side by side, since they wait for the network and for disks, while the soak is at rest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const script = (...args) => ['npm', 'run', '--silent', ...args];
const exec = (...args) => script('exec', '--', ...args);

const started = performance.now();
const total = { passed: 0, failed: 0, skipped: 0 };
const verdicts = [];
const failures = [];
let running = 0;
let shown;

await check('tests', ['npm', 'test']);
let soak;
await new Promise((resolve) => {
  const said = (text) => text.includes('the load is over') && resolve();
  soak = check('two minutes of soak', script('soak', '--', '--minutes', '2'), said).then(resolve);
});
const types = check('types, package contents, unused code', script('check'));
await Promise.all([soak, here(), newcomer(), released()]);

async function here() {
  await types;
  await check('lint, import arrows and house rules', script('lint'));
  await check(
    'the testkit under node:test, on a foreign runtime',
    exec('pnpm', '--dir', 'examples/third-party', 'test'),
  );
  await check('every command of the README', exec('node', 'scripts/readme.mjs'));
  await check('benchmarks still run', script('bench', '--', '--quick', '--filter', 'locked-call'));
}

async function newcomer() {
  await check('a stranger’s first minutes: fresh clone, empty home', exec('node', 'scripts/fresh-clone.mjs'));
}

async function released() {
  await types; // its release takes over what turbo remembers of them
  await check('a release to a local registry, installed and run from there', exec('node', 'scripts/released.mjs'));
}

const minutes = ((performance.now() - started) / 60_000).toFixed(1);
if (failures.length > 0) console.log(`\n${failures.slice(0, 30).join('\n')}`);
console.log(`\n${verdicts.join('\n')}\n\nall in ${minutes} minutes`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** Resolves when it has ended, however. What runs alone is shown as it comes, what runs beside others once it has ended. */
async function check(title, [command, ...args], said) {
  const began = performance.now();
  running++;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let held = '';
  const show = () => {
    if (held === '') return;
    process.stdout.write(shown === title ? held : `\n=== ${title}\n${held}`);
    shown = title;
    held = '';
  };
  const take = (chunk) => {
    held += chunk;
    if (running === 1) show();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
    take(chunk);
    said?.(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', take);
  const [status] = await once(child, 'close').catch((error) => [error.message]);
  running--;
  show();

  const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(stdout.trim().split('\n').at(-1) ?? '');
  if (title === 'tests' && counts) {
    failures.push(...(stdout.match(/^FAILED .+$/gm) ?? []));
    total.passed += Number(counts[1]);
    total.failed += Number(counts[2]);
    total.skipped += Number(counts[3] ?? 0);
  } else if (status === 0) total.passed++;
  else total.failed++;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  verdicts.push(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`);
}
