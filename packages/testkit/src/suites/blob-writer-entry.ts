// The second process of the blob store suite: writes one key over and over, through a subject of its own.

import { NEW, OLD } from './blob-contents.ts';
import type { BlobStoreOptions } from './blob-store.ts';

const WRITES = 100;

const [program = '', directory = ''] = process.argv.slice(2);
const { create } = (await import(program)) as Pick<BlobStoreOptions, 'create'>;
const store = await create({ directory, wrap: (port) => port });
for (let write = 0; write < WRITES; write += 1) {
  await store.write('key', write % 2 === 0 ? OLD : NEW);
  if (write === 0) process.send?.('writing');
}
await store.close?.();
process.disconnect?.();
