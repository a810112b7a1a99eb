import type { BlobStoreOptions } from './blob-store.ts';
import type { CacheSubject, CacheSuiteOptions } from './cache.ts';
import type { CacheReplaceOptions } from './cache-replace.ts';
import type { HotReloadOptions } from './hot-reload-subject.ts';
import type { LabelsSuiteOptions } from './labels.ts';
import type { CloseRaceOptions } from './module-close-race.ts';
import type { HammerSuiteOptions } from './module-hammer.ts';
import type { OrdersSuiteOptions } from './module-orders.ts';
import type { TrapSuiteOptions } from './module-traps.ts';
import type { StateStoreSuiteOptions } from './state-store-subject.ts';

/** The options of all module suites. */
export type ModuleSuitesOptions = CloseRaceOptions & HammerSuiteOptions & OrdersSuiteOptions & TrapSuiteOptions;

/** What there is to be looked at; the options of each are those of its suites. Also the default export that `lockgate-testkit` reads. */
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
