import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Writes `N passed, N failed, N skipped` where the root script prints it last, after coverage; else prints it. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length; // a file that did not load, or a hook of the file
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`;
    const file = process.env.CLOSING_LINE_FILE;
    if (!file) {
      console.log(line);
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, line);
  }
}
