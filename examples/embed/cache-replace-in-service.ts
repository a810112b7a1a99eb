// Moves a cache to another directory while others compile with it: nobody waits, and nothing under way is cut.
import { readFile } from 'node:fs/promises';
import { CacheSlot, openCache } from '@lockgate/cache';

const [first = '.wasm-cache', second = '.wasm-cache-2'] = process.argv.slice(2);
const bytes = await readFile(new URL('../plugins/dist/textkit.wasm', import.meta.url));

await using slot = new CacheSlot(await openCache({ directory: first }));
const underWay = slot.current.compile(bytes); // finishes on the old cache
await slot.replace(() => openCache({ directory: second })); // fails? then the first one stays in service
const later = slot.current.compile(bytes); // goes to the new one

const [before, after] = await Promise.all([underWay, later]);
console.log(before instanceof WebAssembly.Module && after instanceof WebAssembly.Module ? 'nobody noticed' : 'lost');
