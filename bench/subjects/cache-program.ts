// cache-program.ts <workload> <directory | "plain"> [lingerMs] [runMs]: from the bytes to the first result, once. With a
// lingerMs it stays until the optimiser has left an entry, at most so long; with runMs it goes on working for that time.
// Prints what it measured; the results' own text is part of it, so that a wrong one is seen.
import { openCache } from '@lockgate/cache';
import { wasmOf, workloads } from './cache-workloads.ts';

const [name = '', directory = 'plain', lingerMs = '0', runMs = '0'] = process.argv.slice(2);
const workload = workloads[name];
if (!workload) throw new TypeError(`There is no workload "${name}".`);
const bytes = wasmOf(workload);

const started = performance.now();
const cache = directory === 'plain' ? undefined : await openCache({ directory });
const module = cache ? await cache.compile(bytes, { name }) : await WebAssembly.compile(bytes);
const compiled = performance.now();
const work = await workload.start(module);
const ready = performance.now();
const result = await work();
const first = performance.now();
let calls = 1;
for (; performance.now() - first < Number(runMs); calls++) {
  await work();
  await new Promise(setImmediate); // let timers and other work have their turn, as a server would
}
const measured = {
  result,
  compileMs: compiled - started,
  firstCallMs: first - ready,
  startToFirstMs: first - started,
  callsPerSecond: calls / ((performance.now() - ready) / 1000),
  hits: cache?.stats().hits,
};
const until = performance.now() + Number(lingerMs);
while (cache && performance.now() < until && cache.stats().writes === 0) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
console.log(JSON.stringify({ ...measured, writes: cache?.stats().writes, bytes: cache?.stats().bytes }));
