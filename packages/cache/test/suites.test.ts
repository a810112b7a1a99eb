import { blobStoreSuite, cacheReplaceSuite, cacheSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { afterEach, describe } from 'vitest';
import type { CompilationCache } from '../src/compilation-cache.ts';
import type { Engine } from '../src/module-cache.ts';
import { openCacheWith, realPorts } from '../src/open.ts';
import { CacheSlot } from '../src/slot.ts';
import { closeForgotten, create } from './fixtures/blob-store.ts';
import { padded } from './fixtures/modules.ts';
import { noDisk, temporaryFolder } from './fixtures/setting.ts';

describe('in memory', () => {
  cacheSuite(testApi, {
    create: ({ engine }) => openCacheWith({}, { ...realPorts, engine: engine as Engine }),
  });
});

describe.skipIf(noDisk)('on disk', () => {
  cacheSuite(testApi, {
    create: async ({ engine }) => {
      const folder = temporaryFolder();
      const options = { directory: folder.path, optimizer: 'off' } as const;
      const cache = await openCacheWith(options, { ...realPorts, engine: engine as Engine });
      return {
        compile: (bytes, given) => cache.compile(bytes.byteLength > 1000 ? padded(bytes) : bytes, given),
        close: () => cache.close().finally(() => folder[Symbol.dispose]()),
      };
    },
  });
});

cacheReplaceSuite<CompilationCache>(testApi, {
  create: (initial) => new CacheSlot(initial),
  adapt: (cache) => cache as CompilationCache,
  rounds: 500,
});

describe.skipIf(noDisk)('the store with its entries', () => {
  afterEach(closeForgotten);
  blobStoreSuite(testApi, { create, program: new URL('fixtures/blob-store.ts', import.meta.url) });
});
