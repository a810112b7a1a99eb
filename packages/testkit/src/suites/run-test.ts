import { splitSkipped } from '../test-api.ts';
import type { CollectedTest } from '../tools/collect-tests.ts';
import { NotCreatedError } from './not-created-error.ts';
import { REMEDIES } from './remedies.ts';
import type { SuiteRow } from './suite-report.ts';

/** What is known of a test before it runs: its title as the table has it, and why it does not apply, if so. */
export function headOf({ path, title, body }: CollectedTest): Pick<SuiteRow, 'title'> & { readonly skipped?: string } {
  if (body) return { title: [...path, title].join(' > ') };
  const skipped = splitSkipped(title);
  return { title: [...path, skipped.title].join(' > '), skipped: skipped.reason };
}

/** Runs one test. Rejects for no failure of it. */
export async function runTest(test: CollectedTest): Promise<SuiteRow> {
  const { title, skipped } = headOf(test);
  if (skipped !== undefined) return { title, outcome: 'not applicable', sentence: skipped };
  try {
    await test.body?.();
    return { title, outcome: 'passed' };
  } catch (error) {
    return { title, outcome: 'failed', sentence: whatToDo(test.title, error), error };
  }
}

/** What is wrong, and below it what to do about it, where the message does not tell that itself. */
function whatToDo(title: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const notCreated = causesOf(error).find((cause) => cause instanceof NotCreatedError);
  if (notCreated) return notCreated.message;
  const remedy = [...REMEDIES].find(([start]) => title.startsWith(start))?.[1];
  return remedy === undefined ? message : `${message.trimEnd()}\n→ ${remedy}`;
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
