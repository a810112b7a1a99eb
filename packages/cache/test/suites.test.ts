import * as nodeFs from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobStoreSuite, cacheReplaceSuite, cacheSuite } from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { afterEach, describe } from 'vitest';
import { cacheKeys } from '../src/cache-key.ts';
import type { CompilationCache } from '../src/compilation-cache.ts';
import { thisUser } from '../src/directory.ts';
import { encodeHead, HEAD_BYTES } from '../src/entry.ts';
import { readHead } from '../src/entry-file.ts';
import { FsStore } from '../src/fs-store.ts';
import type { Engine } from '../src/module-cache.ts';
import { openCacheWith, realPorts } from '../src/open.ts';
import { CacheSlot } from '../src/slot.ts';
import { padded } from './fixtures/modules.ts';
import { noDisk, serializer, temporaryFolder } from './fixtures/setting.ts';

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
  const handles: nodeFs.promises.FileHandle[] = [];
  // The suite's dead processes never close their files; Node objects when such a file is collected.
  afterEach(() => Promise.allSettled(handles.splice(0).map((handle) => handle.close())));
  const promises = {
    ...nodeFs.promises,
    open: async (...given: Parameters<typeof nodeFs.promises.open>) => {
      const handle = await nodeFs.promises.open(...given);
      handles.push(handle);
      return handle;
    },
  };

  blobStoreSuite(testApi, {
    create: async ({ directory, wrap }) => {
      const fs = { ...nodeFs, promises: wrap(promises) };
      const store = new FsStore({ directory, fs, user: thisUser() });
      const environment = cacheKeys(serializer()).environment();
      const checksum = (bytes: Uint8Array): bigint => serializer().checksum(bytes);
      return {
        read: async (key) => {
          const head = readHead(store, key, serializer());
          const code = head && store.readWhole(key)?.subarray(HEAD_BYTES);
          return code && checksum(code) === head.payloadChecksum ? code : undefined;
        },
        write: (wasm, bytes) => {
          const facts = { wasm, wasmBytes: 1, environment, kind: 'all', generation: 1, costMs: 1 } as const;
          return store.put(wasm, [encodeHead(facts, bytes, checksum), bytes]);
        },
        tamper: async (key, change) => writeFileSync(join(directory, key), change(readFileSync(join(directory, key)))),
      };
    },
  });
});
