import { afterAll, afterEach } from 'vitest';

interface Score {
  passed: number;
  failed: number;
  /** Title → why. */
  readonly skipped: Map<string, string>;
}

/** Prints a line for each client of the test file at its end: how many exercises it passed, and which it skipped and why. */
export function keepScore(): void {
  const scores = new Map<string, Score>();
  afterEach(({ task }) => {
    const client = task.suite?.fullTestName ?? '';
    const score = scores.get(client) ?? { passed: 0, failed: 0, skipped: new Map() };
    scores.set(client, score);
    const result: { readonly state: string; readonly note?: string } | undefined = task.result;
    if (result?.state === 'fail') score.failed++;
    else if (task.mode === 'skip' || result?.state === 'skip') score.skipped.set(task.name, result?.note ?? '');
    else score.passed++;
  });
  afterAll(() => {
    const lines = [...scores].map(([client, { passed, failed, skipped }]) => {
      const whys = [...skipped].map(([title, why]) => `\n    skipped: ${title}: ${why}`);
      return `${client}: ${passed} passed, ${failed} failed${whys.join('')}`;
    });
    console.log(lines.join('\n'));
  });
}
