// Compiles with a cache on disk: run it twice, and a module of 256 KiB and more comes back with its optimised code.
import { readFile } from 'node:fs/promises';
import { openCache } from '@lockgate/cache';

const [directory = '.wasm-cache', file = import.meta.resolve('@lockgate/abi/guest/hello.wasm')] = process.argv.slice(2);
const bytes = await readFile(new URL(file));

const cache = await openCache({
  directory,
  onFallback: (reason) => console.log(`in memory only: ${reason}`),
});
const module = await cache.compile(bytes, { name: 'hello' });

const { hits, misses } = cache.stats();
console.log(`${cache.kind}: ${WebAssembly.Module.exports(module).length} exports, ${hits} hits, ${misses} misses`);
await cache.close();
