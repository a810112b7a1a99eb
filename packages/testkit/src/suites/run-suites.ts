import { splitSkipped, type TestApi } from '../test-api.ts';
import { type CollectedTest, collectTests } from '../tools/collect-tests.ts';
import { type BlobStoreOptions, blobStoreSuite } from './blob-store.ts';
import { type CacheSubject, type CacheSuiteOptions, cacheSuite } from './cache.ts';
import { type CacheReplaceOptions, cacheReplaceSuite } from './cache-replace.ts';
import { hotReloadSuite } from './hot-reload.ts';
import type { HotReloadOptions } from './hot-reload-subject.ts';
import { type LabelsSuiteOptions, labelsSuite } from './labels.ts';
import { type ModuleSuitesOptions, moduleSuites } from './module-suites.ts';
import { stateStoreSuite } from './state-store.ts';
import type { StateStoreSuiteOptions } from './state-store-subject.ts';

/** What there is to be looked at; the options of each are those of its suites. */
export interface SuiteSubjects {
  /** Every module suite. */
  readonly module?: ModuleSuitesOptions;
  readonly hotReload?: HotReloadOptions;
  readonly cache?: CacheSuiteOptions;
  readonly cacheReplace?: CacheReplaceOptions<CacheSubject>;
  readonly blobStore?: BlobStoreOptions;
  readonly stateStore?: StateStoreSuiteOptions;
  readonly labels?: LabelsSuiteOptions;
}

/** How one test ended. */
export interface SuiteRow {
  /** Title of the test behind those of its groups, with ` > ` in between. */
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'not applicable';
  /** Of a failure, what is wrong; of a test that does not apply, why. */
  readonly sentence?: string;
  /** What a failing test threw. */
  readonly error?: unknown;
}

/** How all tests ended. Prints itself as a table. */
export interface SuiteReport {
  readonly rows: readonly SuiteRow[];
  readonly failed: number;
  toString(): string;
}

/**
 * Runs all suites that apply to the subjects given, one test after the other and without a test runner. A test that hangs fails when the
 * patience for it is over (`setPatience`). Rejects for no failing test: look at `failed`.
 *
 * @example
 * const report = await runSuites({ module: { create } });
 * console.log(`${report}`);
 * process.exitCode = report.failed > 0 ? 1 : 0;
 */
export async function runSuites(subjects: SuiteSubjects): Promise<SuiteReport> {
  const rows: SuiteRow[] = [];
  for (const test of collectTests((t) => declareAll(t, subjects))) rows.push(await run(test));
  const failed = count(rows, 'failed');
  return { rows, failed, toString: () => asTable(rows) };
}

function declareAll(t: TestApi, subjects: SuiteSubjects): void {
  if (subjects.module) moduleSuites(t, subjects.module);
  if (subjects.hotReload) hotReloadSuite(t, subjects.hotReload);
  if (subjects.cache) cacheSuite(t, subjects.cache);
  if (subjects.cacheReplace) cacheReplaceSuite(t, subjects.cacheReplace);
  if (subjects.blobStore) blobStoreSuite(t, subjects.blobStore);
  if (subjects.stateStore) stateStoreSuite(t, subjects.stateStore);
  if (subjects.labels) labelsSuite(t, subjects.labels);
}

async function run({ path, title, body }: CollectedTest): Promise<SuiteRow> {
  if (!body) {
    const skipped = splitSkipped(title);
    return { title: [...path, skipped.title].join(' > '), outcome: 'not applicable', sentence: skipped.reason };
  }
  const whole = [...path, title].join(' > ');
  try {
    await body();
    return { title: whole, outcome: 'passed' };
  } catch (error) {
    return { title: whole, outcome: 'failed', sentence: error instanceof Error ? error.message : String(error), error };
  }
}

const MARKS = { passed: '✔', failed: '✖', 'not applicable': '﹣' } as const;

function asTable(rows: readonly SuiteRow[]): string {
  const width = Math.max(0, ...rows.map(({ title }) => title.length));
  const lines = rows.map(({ title, outcome, sentence = '' }) => {
    const beside = sentence.replaceAll('\n', `\n${' '.repeat(width + 4)}`);
    return `${MARKS[outcome]} ${title.padEnd(width)}  ${beside}`.trimEnd();
  });
  const totals = (['passed', 'failed', 'not applicable'] as const).map(
    (outcome) => `${count(rows, outcome)} ${outcome}`,
  );
  return [...lines, totals.join(', ')].join('\n');
}

function count(rows: readonly SuiteRow[], wanted: SuiteRow['outcome']): number {
  return rows.filter(({ outcome }) => outcome === wanted).length;
}
