// The process in which a subject runs: imports its module, runs one test after the other and says how each ended. It may
// die or compute for ever at any time; whoever started it sees to that.
import { pathToFileURL } from 'node:url';
import { headOf, runTest } from '../suites/run-test.ts';
import type { SuiteSubjects } from '../suites/suite-subjects.ts';
import { SUITES } from '../suites/suite-table.ts';
import { type CollectedTest, collectTests } from '../tools/collect-tests.ts';
import { idle } from '../tools/idle.ts';
import { setPatience } from '../tools/in-time.ts';
import { readSubjects } from './read-subjects.ts';
import type { SubjectJob, SubjectMessage, TestEnd, TestHead } from './subject-protocol.ts';
import { UsageError } from './usage-error.ts';
import { firstLines, whyNotImported } from './why-not-imported.ts';

interface NamedTest {
  readonly head: TestHead;
  readonly test: CollectedTest;
}

const job = JSON.parse(process.argv[2] ?? '') as SubjectJob;

process.on('disconnect', () => process.exit());
let isDoomed = false;
process.on('uncaughtException', (error) => {
  say({ kind: 'uncaught', what: firstLines(error) }, () => process.exit(1));
  isDoomed = true; // whatever the test that runs says of itself
});
setPatience(job.patienceMs);
try {
  const tests = declared(await importSubjects());
  say({ kind: 'tests', tests: tests.map(({ head }) => head) });
  await runFrom(job.from ?? tests.length, tests);
  say({ kind: 'done' }, () => process.exit());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say({ kind: 'unusable', problem: error.message }, () => process.exit());
}

async function importSubjects(): Promise<SuiteSubjects> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(pathToFileURL(job.file).href);
  } catch (error) {
    throw new UsageError(whyNotImported(job.file, error));
  }
  return readSubjects(exports, job.file);
}

function declared(subjects: SuiteSubjects): readonly NamedTest[] {
  return SUITES.filter(({ name }) => job.suites?.includes(name) ?? true).flatMap(({ name, subject, declare }) => {
    if (job.suites !== undefined && subjects[subject] === undefined)
      throw new UsageError(
        `--suite ${name} is for "${subject}", and the default export of ${job.file} has only ${Object.keys(subjects).join(', ')}`,
      );
    return collectTests((t) => declare(t, subjects)).map((test) => ({ test, head: { suite: name, ...headOf(test) } }));
  });
}

async function runFrom(first: number, tests: readonly NamedTest[]): Promise<void> {
  for (const [index, { test }] of tests.entries()) {
    if (index < first) continue;
    say({ kind: 'begins', index });
    const { outcome, sentence, error } = await runTest(test);
    await idle(1); // what nobody caught is heard of in the next turn
    const end: TestEnd = {
      outcome,
      ...(sentence !== undefined && { sentence }),
      ...(error instanceof Error && error.stack !== undefined && { stack: error.stack }),
    };
    say({ kind: 'ended', index, end });
  }
}

function say(message: SubjectMessage, then: () => void = () => {}): void {
  if (!isDoomed) process.send?.(message, then);
}
