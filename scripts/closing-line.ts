import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Writes `N passed, N failed, N skipped` where the root script prints it last, after coverage; else prints it. Above it
 * stands a line for each failure, so that the end of a long output alone tells what failed and why.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const lines: string[] = [];
    const failed = (where: string, error?: { readonly message?: unknown }) => {
      count.failed++;
      const [message = ''] = stripVTControlCharacters(`${error?.message ?? 'no reason was given'}`).split('\n');
      lines.push(`FAILED ${where}: ${message.slice(0, 300)}`);
    };
    for (const error of errors) failed(placeOf(error), error);
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId);
      for (const error of module.errors()) failed(file, error); // a file that did not load, or a hook of the file
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) failed(`${file} > ${suite.fullName}`, error);
      }
      for (const test of module.children.allTests()) {
        const { state, errors: reasons } = test.result();
        if (state === 'failed') failed(`${file} > ${test.fullName}`, reasons[0]);
        else count[state]++;
      }
    }
    lines.push(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`);
    const text = lines.join('\n');
    const file = process.env.CLOSING_LINE_FILE;
    if (!file) {
      console.log(text);
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Where an error came up that no test has caught. */
function placeOf({ VITEST_TEST_PATH: file, VITEST_TEST_NAME: test, stack }: SerializedError): string {
  const during = [typeof file === 'string' ? relative(process.cwd(), file) : 'beside all tests', test].filter(Boolean);
  const frame = stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${during.join(' > ')}, caught by none${frame ? `, ${frame.trim()}` : ''}`;
}
