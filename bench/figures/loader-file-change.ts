import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCache } from '@lockgate/cache';
import { createLoader } from '@lockgate/loader';
import { createRuntime } from '@lockgate/runtime';
import { bulkyGuest } from '@lockgate/testkit';
import type { Figure } from '../figure.ts';

const SETTLE_MS = 50;

/** From the writing of a file to the first answer of the new version: with machine code on disk, against none. */
function fromFileChange(label: string, codeBytes: number): Figure {
  return {
    name: `loader file change to first call, ${label} guest, disk cache warm against cold`,
    unit: 'ms',
    async setup({ quick }) {
      const folder = await mkdtemp(join(tmpdir(), 'lockgate-bench-'));
      const bytes = quick ? codeBytes / 10 : codeBytes;
      const [before, after] = [
        bulkyGuest({ prefix: 'A:', codeBytes: 1_000 }),
        bulkyGuest({ prefix: 'B:', codeBytes: bytes }),
      ];
      const warmCache = join(folder, 'warm');
      let colds = 0;
      const measure = async (cacheFolder: string): Promise<number> => {
        globalThis.gc?.(); // V8 itself shares the code of modules that are still alive
        await using cache = await openCache({ directory: cacheFolder, optimizer: 'off' });
        await using runtime = await createRuntime({ cache, isolation: 'inline' });
        await using loader = createLoader({ runtime });
        const path = join(folder, 'guest.wasm');
        await writeFile(path, before);
        const plugin = await loader.load(path, { watch: true, settleMs: SETTLE_MS });
        const answered = Promise.withResolvers<number>();
        loader.on('reloaded', async () => {
          await plugin.execute('echo', { message: 'x' });
          answered.resolve(performance.now());
        });
        loader.on('rejected', ({ error }) => answered.reject(error));
        await writeFile(path, after);
        const written = performance.now();
        return (await answered.promise) - written;
      };
      await measure(warmCache);
      const { kind, reason } = await describe(warmCache);
      return {
        baseline() {
          colds += 1;
          return measure(join(folder, `cold-${colds}`));
        },
        subject: () => measure(warmCache),
        note: `${SETTLE_MS} ms of it are the time the file must hold still; cache on ${kind}${reason ? ` (${reason})` : ''}`,
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
      };
    },
  };
}

async function describe(directory: string): Promise<{ kind: string; reason?: string | undefined }> {
  await using cache = await openCache({ directory, optimizer: 'off' });
  return { kind: cache.kind, reason: cache.reason };
}

const figures: readonly Figure[] = [
  fromFileChange('0.1 MB', 100_000),
  fromFileChange('1 MB', 1_000_000),
  fromFileChange('10 MB', 10_000_000),
];

export default figures;
