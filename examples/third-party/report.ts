// Runs the suites on Extism and compares what fails with what is known to fail, so that this page of facts cannot go stale: it ends with
// 1 when something new fails, and also when something known passes by now. Nothing is patched to make it pass. Some suites run by
// `lockgate-testkit` as well, which has to find the same.
import { spawnSync } from 'node:child_process';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const KNOWN_TO_FAIL: readonly string[] = [
  'in a worker > exclusion > lets waiting calls in in the order they came',
  'in a worker > exchange > any text makes the way in and out unchanged',
  'in a worker > close > lets the running call finish with its own answer',
  'in a worker > close > resolves when the running call has ended, not before',
  'in a worker > close > answers a second caller no sooner than the first',
  'in a worker > close > may be called from inside a call',
  'in a worker > close race > every call ends in its answer or as a late one (3 rounds, 8 callers)',
  'in a worker > hammer > every call gets its own answer (16 callers × 25 calls)',
  'in a worker > traps > the next call runs on a fresh instance',
  'in the foreground > exchange > any text makes the way in and out unchanged',
  'in the foreground > on a closed module > a late call ends, and does not enter the guest',
  'in the foreground > traps > the next call runs on a fresh instance',
];

const path: string[] = [];
const failed: string[] = [];
const counts = { passed: 0, failed: 0, skipped: 0 };

const events = run({
  files: [fileURLToPath(new URL('extism.test.ts', import.meta.url))],
  execArgv: process.execArgv,
  forceExit: true, // after a close in the middle of a call Extism keeps the process alive
});
for await (const { type, data } of events) {
  if (type === 'test:start') path.length = data.nesting;
  if (type === 'test:start') path.push(data.name);
  if (type !== 'test:pass' && type !== 'test:fail') continue;
  if (data.details.type === 'suite') continue;
  const title = [...path.slice(0, data.nesting), data.name].join(' > ');
  const outcome = data.skip === undefined ? (type === 'test:pass' ? 'passed' : 'failed') : 'skipped';
  counts[outcome] += 1;
  if (outcome === 'failed') failed.push(title);
  console.log(`${{ passed: '✔', failed: '✖', skipped: '﹣' }[outcome]} ${title}`);
}

console.log(`\n@extism/extism: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
const BY_PROGRAM = 'module-exchange,module-traps';
const program = fileURLToPath(new URL('./dist/main.js', import.meta.resolve('@lockgate/testkit/package.json')));
const byProgram = spawnSync(process.execPath, [program, 'subject.ts', '--suite', BY_PROGRAM, '--json'], {
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { tests } = JSON.parse(byProgram.stdout) as { readonly tests: readonly { title: string; outcome: string }[] };
const failedByProgram = tests
  .filter(({ outcome }) => outcome === 'failed')
  .map(({ title }) => `in a worker > ${title}`);
console.log(`lockgate-testkit --suite ${BY_PROGRAM}: ${tests.length} tests, ${failedByProgram.length} failed`);
const others = failedByProgram.filter((title) => !failed.includes(title));
for (const title of others) console.error(`fails by lockgate-testkit alone: ${title}`);

const news = failed.filter((title) => !KNOWN_TO_FAIL.includes(title));
const repaired = KNOWN_TO_FAIL.filter((title) => !failed.includes(title));
for (const title of news) console.error(`fails, and the README does not say so: ${title}`);
for (const title of repaired) console.error(`passes, and the README says it fails: ${title}`);
process.exit(news.length + repaired.length + others.length > 0 || tests.length === 0 ? 1 : 0);
