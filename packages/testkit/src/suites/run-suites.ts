import { collectTests } from '../tools/collect-tests.ts';
import { runTest } from './run-test.ts';
import { reportOf, type SuiteReport, type SuiteRow } from './suite-report.ts';
import type { SuiteSubjects } from './suite-subjects.ts';
import { SUITES } from './suite-table.ts';

/**
 * Runs all suites that apply to the subjects given, one test after the other and without a test runner. A test that waits in vain fails when
 * the patience for it is over (`setPatience`). Rejects for no failing test: look at `failed`. The program `lockgate-testkit` does the same in
 * a process of its own, so that it also outlives a subject that computes for ever or ends the process.
 *
 * @example
 * const report = await runSuites({ module: { create } });
 * console.log(`${report}`);
 * process.exitCode = report.failed > 0 ? 1 : 0;
 */
export async function runSuites(subjects: SuiteSubjects): Promise<SuiteReport> {
  const tests = collectTests((t) => {
    for (const suite of SUITES) suite.declare(t, subjects);
  });
  const rows: SuiteRow[] = [];
  for (const test of tests) rows.push(await runTest(test));
  return reportOf(rows);
}
