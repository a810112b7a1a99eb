import type { TestApi } from '../test-api.ts';
import { blobStoreSuite } from './blob-store.ts';
import { cacheSuite } from './cache.ts';
import { cacheReplaceSuite } from './cache-replace.ts';
import { hotReloadSuite } from './hot-reload.ts';
import { labelsSuite } from './labels.ts';
import { moduleAbortSuite } from './module-abort.ts';
import { moduleCloseRaceSuite } from './module-close-race.ts';
import { moduleExchangeSuite } from './module-exchange.ts';
import { moduleExclusionSuite } from './module-exclusion.ts';
import { moduleHammerSuite } from './module-hammer.ts';
import { moduleLifecycleSuite } from './module-lifecycle.ts';
import { moduleOrdersSuite } from './module-orders.ts';
import { modulePoolSuite } from './module-pool.ts';
import { moduleTrapSuite } from './module-traps.ts';
import { tellingCreate } from './not-created-error.ts';
import { stateStoreSuite } from './state-store.ts';
import type { SuiteSubjects } from './suite-subjects.ts';

/** One suite, and the subject that it is for. */
export interface NamedSuite {
  readonly name: string;
  readonly subject: keyof SuiteSubjects;
  /** For a list of suites. */
  readonly asks: string;
  /** Declares its tests, or none where its subject is not there. */
  declare(t: TestApi, subjects: SuiteSubjects): void;
}

/** Every suite, in the order in which they run. */
export const SUITES: readonly NamedSuite[] = [
  suite('module-exclusion', 'module', 'one call at a time, in order; aborted waiters; re-entry', moduleExclusionSuite),
  suite('module-abort', 'module', 'an abort inside, at the turn, after it; listeners left', moduleAbortSuite),
  suite('module-exchange', 'module', 'any text in and out, memory that grows, everything freed', moduleExchangeSuite),
  suite(
    'module-lifecycle',
    'module',
    'answers after close; close twice, from inside, by dispose',
    moduleLifecycleSuite,
  ),
  suite('module-close-race', 'module', 'close against calls in flight', moduleCloseRaceSuite),
  suite('module-hammer', 'module', 'everything at once, each caller its own answer', moduleHammerSuite),
  suite('module-traps', 'module', 'a trap ends a call, once, and not the module', moduleTrapSuite),
  suite('module-pool', 'module', 'several instances, never two calls in one', modulePoolSuite),
  suite('module-orders', 'module', 'calls, an abort and a close in explored orders', moduleOrdersSuite),
  suite('hot-reload', 'hotReload', 'a version changes under load; refused versions; rollback', hotReloadSuite),
  suite('cache', 'cache', 'one flight, a key of all bytes, no failure kept, a close that waits', cacheSuite),
  suite('cache-replace', 'cacheReplace', 'a cache is replaced in use', cacheReplaceSuite),
  suite('blob-store', 'blobStore', 'entries whole or absent at every step of a crash or a full disk', blobStoreSuite),
  suite('state-store', 'stateStore', 'compare-and-set races, expiry, channels, a store that fails', stateStoreSuite),
  suite('labels', 'labels', 'no label lost, no write past a read that forbids it', labelsSuite),
];

function suite<K extends keyof SuiteSubjects>(
  name: string,
  subject: K,
  asks: string,
  declare: (t: TestApi, options: NonNullable<SuiteSubjects[K]>) => void,
): NamedSuite {
  return {
    ...{ name, subject, asks },
    declare: (t, { [subject]: options }) => {
      if (options !== undefined) declare(t, tellingCreate(options as NonNullable<SuiteSubjects[K]>));
    },
  };
}
