import { SuiteWriter, type TestApi } from '../test-api.ts';
import { channelTests } from './state-store-channels.ts';
import { failureTests } from './state-store-failure.ts';
import { recordTests } from './state-store-records.ts';
import { openStore, type StateStorePart, type StateStoreSuiteOptions } from './state-store-subject.ts';

/** Records that many may change at once and that expire, channels, and a store that fails or is closed. */
export function stateStoreSuite(t: TestApi, options: StateStoreSuiteOptions): void {
  const part: StateStorePart = {
    suite: new SuiteWriter(t, options.supports),
    open: () => openStore(options),
  };
  t.describe('state store', () => {
    recordTests(part, { workers: options.workers ?? 16, loops: options.loops ?? 10 });
    channelTests(part);
    failureTests(part);
  });
}
