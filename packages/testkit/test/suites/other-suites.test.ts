import {
  blobStoreSuite,
  cacheReplaceSuite,
  cacheSuite,
  hotReloadSuite,
  labelsSuite,
  stateStoreSuite,
} from '../../src/index.ts';
import { testApi } from '../../src/vitest.ts';
import { ReferenceBlobStore } from '../reference/reference-blob-store.ts';
import { ReferenceCache, ReferenceSlot } from '../reference/reference-cache.ts';
import { ReferenceAgent } from '../reference/reference-labels.ts';
import { ReferenceReload } from '../reference/reference-reload.ts';
import { openReferenceState } from '../reference/reference-state-store.ts';

testApi.describe('the reference subjects pass', () => {
  hotReloadSuite(testApi, { create: async (options) => new ReferenceReload(options) });
  cacheSuite(testApi, { create: async (options) => new ReferenceCache(options) });
  cacheReplaceSuite(testApi, { create: (initial) => new ReferenceSlot(initial) });
  blobStoreSuite(testApi, {
    create: async (options) => new ReferenceBlobStore(options),
    program: new URL('../fixtures/blob-program.ts', import.meta.url),
  });
  labelsSuite(testApi, { create: async (options) => new ReferenceAgent(options) });
  stateStoreSuite(testApi, { create: async (options) => openReferenceState(options) });
});
